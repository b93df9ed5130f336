import { readdirSync, writeFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CompiledModel } from '../../../trainer/components/index.ts';
import type { Sample, SampleGenerator } from '../../../trainer/components/sample.ts';
import type { Components } from '../../../trainer/configuration/create-components.ts';
import { OrientationAugmentor } from '../../../trainer/data/augmentors/orientation.ts';
import { type Dataset, readDataset, samplesOf, splitNames } from '../../../trainer/data/dataset.ts';
import { StandardPreprocessor } from '../../../trainer/data/preprocessors/standard.ts';
import { classification } from '../../../trainer/evaluation/tasks/classification.ts';
import { trainableVariables } from '../../../trainer/network/forward.ts';
import type { Tensor, TensorFlow } from '../../../trainer/tensorflow/library.ts';
import { type TrainedPart, trainedPart } from '../../../trainer/trained-part.ts';
import { trainModel } from '../../../trainer/training/loop.ts';
import { adam } from '../../../trainer/training/optimizers/adam.ts';
import type { TrainingRun } from '../../../trainer/training-run.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/index.ts';
import { allSamples, ListLoader, listDataset, syntheticLoader } from '../../support/list-loader.ts';
import { plainTraining } from '../../support/plain-training.ts';
import { quietTensorFlow } from '../../support/tensorflow.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = quietTensorFlow();
  await tf.ready();
});

let folder: TemporaryDirectory;
beforeEach(async () => {
  folder = await temporaryDirectory();
});
afterEach(() => folder.remove());

/** A small network whose convolution is frozen. */
function build(weightsSeed = 1): CompiledModel {
  const image = tf.input({ shape: [16, 16, 3], name: 'image' });
  const convolution = {
    name: 'convolution',
    filters: 4,
    kernelSize: 3,
    strides: 2,
    activation: 'relu',
    trainable: false,
  } as const;
  const kernelInitializer = tf.initializers.glorotUniform({ seed: weightsSeed });
  const features = tf.layers.conv2d({ ...convolution, kernelInitializer }).apply(image) as typeof image;
  const layers = [
    tf.layers.flatten(),
    tf.layers.dense({ units: 1, activation: 'sigmoid', kernelInitializer: tf.initializers.glorotUniform({ seed: 2 }) }),
  ];
  const onTop = (input: typeof image) => layers.reduce((values, layer) => layer.apply(values) as typeof image, input);
  const model = tf.model({ inputs: image, outputs: onTop(features) });
  const given = tf.input({ shape: [7, 7, 4] });
  return {
    model,
    loss: 'binary_crossentropy',
    frozenBase: {
      base: tf.model({ inputs: image, outputs: features, name: 'base' }),
      head: tf.model({ inputs: given, outputs: onTop(given) }),
    },
  };
}

const counts = { training: 50, validation: 20, test: 10 };

async function cells(seed = 1): Promise<Dataset> {
  return readDataset(await syntheticLoader(counts, { imageSize: 16, seed }));
}

/** The training of one run, as far as it is looked at here. */
async function ask(
  dataset: Dataset,
  options: {
    readonly compiled?: CompiledModel;
    readonly components?: Partial<Components>;
    readonly threads?: number;
    readonly signal?: AbortSignal;
  } = {},
) {
  const [lines, warnings, progress]: [string[], string[], string[]] = [[], [], []];
  const run = {
    environment: { storageDirectory: folder.path },
    folder: { directory: folder.join('runs/one'), launched: true },
    signal: options.signal ?? new AbortController().signal,
    line: (text: string) => lines.push(text),
    warn: (text: string) => warnings.push(text),
  } as unknown as TrainingRun;
  const components = { preprocessor: new StandardPreprocessor(), augmentor: null, ...options.components } as Components;
  const compiled = options.compiled ?? build();
  const part = await trainedPart({
    ...{ run, tf, compiled, components, dataset, threads: options.threads ?? 1 },
    progress: (stage, done, total) => progress.push(`${stage} ${done}/${total}`),
  });
  return { part, compiled, lines, warnings, progress };
}

const kept = () => readdirSync(folder.join('cache/features'));

async function train(compiled: CompiledModel, { model, dataset, preprocessor }: TrainedPart) {
  const optimizer = adam.create(tf, trainableVariables(model), adam.parameters.parse({}));
  const history = await trainModel({
    ...{
      tf,
      task: classification,
      model,
      dataset,
      optimizer,
      loss: compiled.loss,
      ...plainTraining,
    },
    ...{ epochs: 3, learningRateAt: () => 0.01 },
    batches: { preprocessor, augmentor: null, batchSize: 16, seed: 1 },
  });
  optimizer.dispose();
  const weights = compiled.model.weights.flatMap((weight) => [...(weight.read() as Tensor).dataSync()]);
  return { weights, losses: history.map(({ values }) => [values.loss, values.val_loss]) };
}

describe('a frozen base', () => {
  it('has its features computed once, which are those of the whole network', async () => {
    const dataset = await cells();
    const first = await ask(dataset);
    expect(first.lines).toEqual([
      `Features of the frozen base: 196 an image, 63 KB in ${folder.path}/cache/features; training computed, validation computed, test computed.`,
    ]);
    expect(first.progress).toEqual([
      ...['features of training 32/50', 'features of training 50/50', 'features of validation 20/20'],
      'features of test 10/10',
    ]);
    const { base } = first.compiled.frozenBase as NonNullable<CompiledModel['frozenBase']>;
    for (const part of splitNames) {
      const [images, features] = [samplesOf(dataset, part, 3), samplesOf(first.part.dataset, part, 3)];
      expect(features.count).toBe(counts[part]);
      const given = await allSamples(features);
      for (const [place, sample] of (await allSamples(images)).entries()) {
        const { pixels, ...rest } = given[place] as Sample;
        expect(rest).toEqual({ id: sample.id, label: sample.label, weight: 1, height: 7, width: 7, channels: 4 });
        const { inputs, shape } = new StandardPreprocessor().batchify([sample]);
        const alone = tf.tidy(() => (base.predict(tf.tensor(inputs, [1, ...shape])) as Tensor).dataSync());
        for (const [index, value] of alone.entries()) expect(pixels[index]).toBeCloseTo(value, 6);
      }
    }
    const second = await ask(dataset);
    expect(second.lines[0]).toMatch(/; training reused, validation reused, test reused\.$/);
    expect(second.progress).toEqual([]);
  });

  it('is trained on them to the same weights as the whole network is', async () => {
    const dataset = await cells();
    const { part, compiled } = await ask(dataset);
    const onFeatures = await train(compiled, part);
    const again = await ask(dataset);
    expect(again.lines[0]).toContain('training reused');
    expect(await train(again.compiled, again.part)).toEqual(onFeatures);
    const whole = build();
    const onImages = await train(whole, { model: whole.model, dataset, preprocessor: new StandardPreprocessor() });
    for (const [index, weight] of onImages.weights.entries()) expect(onFeatures.weights[index]).toBeCloseTo(weight, 5);
    expect(onFeatures.losses.flat()).toHaveLength(6);
    for (const [index, loss] of onImages.losses.flat().entries()) {
      expect(onFeatures.losses.flat()[index]).toBeCloseTo(loss as number, 5);
    }
    const untrained = build().model.weights.flatMap((weight) => [...(weight.read() as Tensor).dataSync()]);
    expect(onFeatures.weights).not.toEqual(untrained);
  });

  it('gives a sample the same features to the last bit, whichever others there are', async () => {
    const dataset = await cells();
    const samples = await allSamples(samplesOf(dataset, 'training'));
    const some = samples.slice(0, 7).reverse();
    const all = await ask(await listDataset({ training: samples }));
    const few = await ask(await listDataset({ training: some }));
    const byId = new Map(
      (await allSamples(samplesOf(all.part.dataset, 'training'))).map(({ id, pixels }) => [id, pixels]),
    );
    for (const { id, pixels } of await allSamples(samplesOf(few.part.dataset, 'training'))) {
      expect(pixels).toEqual(byId.get(id));
    }
  });

  it.each<[string, () => Promise<unknown>]>([
    ['other weights', async () => ask(await cells(), { compiled: build(7) })],
    ['other pixels', async () => ask(await cells(2))],
    [
      'another scale of them',
      async () => ask(await cells(), { components: { preprocessor: new StandardPreprocessor({ scaling: 'unit' }) } }),
    ],
    ['other threads', async () => ask(await cells(), { threads: 2 })],
  ])('has other features with %s', async (_, other) => {
    await ask(await cells());
    expect(kept()).toHaveLength(3);
    await other();
    expect(kept()).toHaveLength(6);
  });

  it('says which features are damaged, and computes those alone', async () => {
    const dataset = await cells();
    await ask(dataset);
    const [name = ''] = kept();
    writeFileSync(folder.join('cache/features', name, 'index.json'), '{}');
    const { warnings, lines } = await ask(dataset);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^warning: the features of (\w+) in \S+ are damaged \(their index cannot be read\) and are computed again\.$/,
      ),
    ]);
    const part = /features of (\w+)/.exec(warnings[0] ?? '')?.[1];
    expect(lines[0]?.match(/\w+ computed/g)).toEqual([`${part} computed`]);
  });

  it('keeps nothing where it is stopped', async () => {
    const stopped = ask(await cells(), { signal: AbortSignal.abort(new Error('asked to stop')) });
    await expect(stopped).rejects.toThrow('asked to stop');
    expect(kept()).toEqual([]);
  });

  it('reads no image again where the loader knows its order, else keeps to what the loader gives', async () => {
    const samples = await allSamples(samplesOf(await cells(), 'training'));
    let read = 0;
    class Counting extends ListLoader {
      override createTrainingGenerator(epoch = 1): SampleGenerator {
        const inner = super.createTrainingGenerator(epoch);
        return {
          count: inner.count,
          async *[Symbol.asyncIterator]() {
            for await (const sample of inner) {
              read += 1;
              yield { ...sample, weight: epoch };
            }
          },
        };
      }
    }
    const silent = await readDataset(
      new Counting({ training: samples, validation: samples, test: samples }, ['no', 'yes']),
    );
    const { part } = await ask(silent);
    read = 0;
    const given = await allSamples(samplesOf(part.dataset, 'training', 4));
    expect(read).toBe(samples.length);
    expect(given.map(({ id, weight }) => [id, weight])).toEqual(
      (await allSamples(samplesOf(silent, 'training', 4))).map(({ id }) => [id, 4]),
    );
    const told = await cells();
    const { part: known } = await ask(told);
    await told.loader.open();
    const original = told.loader.listPart('training', 2);
    expect((await allSamples(samplesOf(known.dataset, 'training', 2))).map(({ id }) => id)).toEqual(
      original?.map(({ id }) => id),
    );
  });
});

describe('the whole network is trained on images', () => {
  it('where nothing is frozen, without a word', async () => {
    const dataset = await cells();
    const { model, loss } = build();
    const { part, lines } = await ask(dataset, { compiled: { model, loss } });
    expect([part.model, part.dataset, lines]).toEqual([model, dataset, []]);
  });

  it.each([
    ['images are augmented anew in every epoch', { augmentor: new OrientationAugmentor() }],
    [
      'only the preprocessor standard is known to give the same inputs in every epoch',
      { preprocessor: new (class Own extends StandardPreprocessor {})() },
    ],
  ])('where %s, and it is said', async (reason, components) => {
    const dataset = await cells();
    const { part, compiled, lines } = await ask(dataset, { components });
    expect(part.model).toBe(compiled.model);
    expect(part.dataset).toBe(dataset);
    expect(lines).toEqual([`Features of the frozen base: computed in every step, since ${reason}.`]);
  });
});
