import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CompiledModel, type FrozenBase, plainSetup, type Sample } from '../../trainer/components/index.ts';
import type { PixelRange } from '../../trainer/components/preprocessor.ts';
import { StandardPreprocessor } from '../../trainer/data/preprocessors/standard.ts';
import { modelDigest } from '../../trainer/features/compute-features.ts';
import { convolutionsOf } from '../../trainer/models/vgg16/base.ts';
import { publishedAt, publishedChecksums, publishedFiles } from '../../trainer/models/vgg16/published-weights.ts';
import { Vgg16Builder } from '../../trainer/models/vgg16/vgg16.ts';
import { readConvolutions } from '../../trainer/models/vgg16/weights-file.ts';
import type { LayersModel, Tensor, TensorFlow } from '../../trainer/tensorflow/library.ts';
import { requireData, type TemporaryDirectory, temporaryDirectory } from '../support/index.ts';
import { examineWithPython, largestDifference, writeProbe } from '../support/python-export.ts';
import { type KerasFeatures, type PythonVgg16, vgg16Files, writePythonVgg16 } from '../support/python-vgg16.ts';
import { quietTensorFlow } from '../support/tensorflow.ts';
import { runTrainer, trainerEvents } from '../support/trainer.ts';

const size = 48;
const files = Object.entries(vgg16Files);

let tf: TensorFlow;
let folder: TemporaryDirectory;
let python: PythonVgg16;
beforeAll(async () => {
  tf = quietTensorFlow();
  await tf.ready();
  folder = await temporaryDirectory();
  python = await writePythonVgg16(folder.path);
});
afterAll(() => folder?.remove());

function build(weights: string, channels: number, warn: (text: string) => void = () => {}): Promise<CompiledModel> {
  const builder = new Vgg16Builder({ weights: folder.join(weights), dense_units: [] }, { ...plainSetup, warn });
  const pixelRange = new StandardPreprocessor().pixelRange('uint8') as PixelRange;
  return builder.getCompiledModel({ tf, inputShape: [size, size, channels], classes: 2, pixelRange });
}

/** The largest difference of the features, in shares of the largest of them. */
async function differenceFrom({ pixels, features }: KerasFeatures, weights: string): Promise<number> {
  const channels = pixels.length / 4 / size / size;
  const { model, frozenBase } = await build(weights, channels);
  const samples = [0, 1, 2, 3].map((place): Sample => {
    const length = size * size * channels;
    const own = Uint8Array.from(pixels.slice(place * length, (place + 1) * length));
    return { id: '', pixels: own, height: size, width: size, channels, label: 0, weight: 1 };
  });
  const { inputs, shape } = new StandardPreprocessor().batchify(samples);
  const actual = tf.tidy(() => {
    const output = frozenBase?.base.predict(tf.tensor(inputs, [4, ...shape])) as Tensor;
    expect(output.shape).toEqual([4, 1, 1, 512]);
    return output.dataSync() as Float32Array;
  });
  model.dispose();
  const largest = Math.max(...features);
  expect(new Set(features).size).toBeGreaterThan(500);
  return largestDifference(features, actual) / largest;
}

describe('the weights of VGG16', () => {
  it.each(files)('are read from what Keras writes, and give its features: %s', async (_, weights) => {
    expect(await differenceFrom(python.color, weights)).toBeLessThan(1e-5);
  });

  it('give those of grey images as Keras does where it gets them three times', async () => {
    expect(await differenceFrom(python.grey, vgg16Files['Keras 3'])).toBeLessThan(1e-5);
  });

  it('are the same in every file, and of none that is published, which is said', async () => {
    const warnings: string[] = [];
    const digests: string[] = [];
    for (const [, weights] of files) {
      const { model, frozenBase } = await build(weights, 3, (text) => warnings.push(text));
      digests.push(await modelDigest((frozenBase as FrozenBase).base));
      model.dispose();
    }
    expect(new Set(digests).size).toBe(1);
    expect(warnings).toHaveLength(files.length);
    expect(warnings[0]).toMatch(
      /published-notop\.h5 is none of those that Keras publishes .* checksum is [0-9a-f]{32}\.$/,
    );
  });

  it('of another network are refused, with file and layer', async () => {
    await expect(build('other.weights.h5', 3)).rejects.toThrow(
      `The weights file ${folder.join('other.weights.h5')} is that of another network than VGG16: it has no layer block1_conv1 with a kernel and a bias.`,
    );
  });

  it('are said to be where Keras gets them, and known by its checksums', () => {
    expect(publishedChecksums).toEqual(python.published.checksums);
    expect(python.published.urls).toEqual([
      publishedAt + publishedFiles.whole,
      publishedAt + publishedFiles.withoutTop,
    ]);
  });
});

interface Examined {
  readonly error?: string;
  readonly formats: Readonly<Record<string, { readonly predictions: readonly (readonly (readonly number[])[])[] }>>;
}

describe('a training of VGG16 on malaria cells', () => {
  let data: string;
  beforeAll(() => {
    data = join(requireData('malaria'), 'cell_images.zip');
  });

  /** A short one; `name` is that of its run folder. */
  async function train(name: string, ...more: string[]) {
    const directory = folder.join('storage/runs', name);
    const argv = [
      ...['--convolutions=0', `--model_builder.weights=${folder.join(vgg16Files['Keras 3 without its top'])}`],
      ...[`--data=${data}`, `--image-size=${size}`, '--training-samples=40', '--validation-samples=16'],
      ...['--data_loader.test_samples=16', '--epochs=2', '--batch-size=16', '--threads=2'],
      ...more,
    ];
    const end = await runTrainer(argv, { SLIPWAY_STORAGE: folder.join('storage'), SLIPWAY_RUN_DIR: directory });
    expect(end).toMatchObject({ exitCode: 0 });
    const events = await trainerEvents(directory);
    const metrics = events.flatMap((event) =>
      event.type === 'metric' && !/_seconds$|_per_second$/.test(event.key)
        ? [[event.key, event.step, event.value]]
        : [],
    );
    const artifact = (file: string) => join(directory, 'artifacts', file);
    return { ...end, metrics, artifact, predictions: readFileSync(artifact('predictions.csv'), 'utf8') };
  }

  const load = (artifact: (file: string) => string): Promise<LayersModel> =>
    tf.loadLayersModel(pathToFileURL(artifact('model/tfjs/model.json')).href);

  /** Names of the layers whose kernel is not the one of the file. */
  async function changedLayers(model: LayersModel): Promise<string[]> {
    const changed: string[] = [];
    await readConvolutions(folder.join(vgg16Files['Keras 3']), convolutionsOf(), ({ name }, kernel, bias) => {
      const [ownKernel, ownBias] = model.getLayer(name).getWeights() as [Tensor, Tensor];
      const isSame = [
        [kernel, ownKernel],
        [bias, ownBias],
      ].every(([given, own]) =>
        Buffer.from((own as Tensor).dataSync().buffer).equals(Buffer.from((given as Float32Array).slice().buffer)),
      );
      if (!isSame) changed.push(name);
    });
    return changed;
  }

  it('computes the features once, gives the same numbers with them, and exports the whole network', async () => {
    const first = await train('first', '--export.formats=tfjs,keras,onnx');
    expect(first.stdout).toMatch(/^Network: vgg16, weights 148\d{5}; /m);
    const said = /^Features of the frozen base: 512 an image, 147 KB in \S+storage\/cache\/features; (.*)$/m;
    expect(said.exec(first.stdout)?.[1]).toBe('training computed, validation computed, test computed.');
    expect(readdirSync(folder.join('storage/cache/features'))).toHaveLength(3);
    const second = await train('second', '--export.formats=tfjs');
    expect(said.exec(second.stdout)?.[1]).toBe('training reused, validation reused, test reused.');
    expect(second.metrics).toEqual(first.metrics);
    expect(second.predictions).toBe(first.predictions);
    const weights = [first, second].map(({ artifact }) => readFileSync(artifact('model/tfjs/weights.bin')));
    // Not compared number by number: there are fifteen million.
    expect(weights[0]?.equals(weights[1] as Buffer)).toBe(true);

    const model = await load(first.artifact);
    expect(await changedLayers(model)).toEqual([]);
    const scores = first.predictions.trim().split('\n').slice(1);
    const column = first.predictions.split('\n')[0]?.split(',').indexOf('score') as number;
    const example = JSON.parse(readFileSync(first.artifact('model/input_example.json'), 'utf8')) as number[][][][];
    const inputs = Float32Array.from(example.flat(3));
    const shape = [example.length, size, size, 1];
    const expected = (model.predict(tf.tensor(inputs, shape)) as Tensor).dataSync() as Float32Array;
    // What was tested were the layers on top, on features.
    const tested = scores.slice(0, example.length).map((row) => Number(row.split(',')[column]));
    expect(largestDifference(tested, expected)).toBeLessThan(1e-5);
    await writeProbe(first.artifact('model'), inputs, shape);
    const examined = await examineWithPython<Examined>('load_with_python.py', [first.artifact('model')]);
    const { error, formats: loaded } = examined[first.artifact('model')] as Examined;
    expect(error).toBeUndefined();
    expect(Object.keys(loaded)).toEqual(['data/model.keras', 'model.onnx']);
    for (const [file, { predictions }] of Object.entries(loaded)) {
      for (const ofBatch of predictions) {
        expect(largestDifference(ofBatch.at(-1) ?? [], expected), file).toBeLessThan(1e-5);
      }
    }
  });

  it('trains the layers on top alone where images are augmented, and block5 where it is named', async () => {
    const augmented = await train('augmented', '--randomize-images=true', '--export.formats=tfjs');
    expect(augmented.stdout).toContain('computed in every step, since images are augmented anew in every epoch.');
    expect(await changedLayers(await load(augmented.artifact))).toEqual([]);
    const tuned = await train('tuned', '--model_builder.fine_tune_from=block5', '--export.formats=tfjs');
    expect(tuned.stdout).not.toContain('Features of the frozen base');
    expect(await changedLayers(await load(tuned.artifact))).toEqual(['block5_conv1', 'block5_conv2', 'block5_conv3']);
    expect(readFileSync(tuned.artifact('model-summary.txt'), 'utf8')).toMatch(/block4_conv3 \(Conv2D\) \[frozen\]/);
  });
});
