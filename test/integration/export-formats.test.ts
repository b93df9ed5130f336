import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { LayersModel, Tensor } from '@tensorflow/tfjs-node-gpu';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ExportedModel, type ExportFormatName, exportModel } from '../../trainer/export/index.ts';
import {
  convolutionalModel,
  functionalModel,
  layerCollection,
  nestedModel,
  randomGraph,
  randomizeWeights,
  recurrentModel,
} from '../support/export-models.ts';
import {
  autoencoders,
  channelStatistics,
  type FormatModel,
  onnxModels,
  trainerModels,
} from '../support/format-models.ts';
import { pythonPath } from '../support/python.ts';
import { examineWithPython, inputsFor, largestDifference, writeProbe } from '../support/python-export.ts';
import { serveModel } from '../support/serve-model.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.ts';
import { quietTensorFlow } from '../support/tensorflow.ts';

const tf = quietTensorFlow();
const batchSizes = [1, 3, 7];
const exampleCount = 3;
const everything: readonly ExportFormatName[] = ['tfjs', 'keras', 'h5', 'onnx', 'savedmodel'];
const files: Readonly<Partial<Record<ExportFormatName, string>>> = {
  keras: 'data/model.keras',
  h5: 'data/model.h5',
  onnx: 'model.onnx',
  savedmodel: 'savedmodel/saved_model.pb',
};

interface Case extends FormatModel {
  readonly formats: readonly ExportFormatName[];
  /** Formats that must have been left out. */
  readonly without?: readonly ExportFormatName[];
}

const binary = (model: LayersModel): FormatModel => ({ model, classNames: ['no', 'yes'] });
const userModel = binary(
  tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [8, 8, 3], filters: 4, kernelSize: 3, name: 'edges' }),
      new (channelStatistics(tf))({ name: 'statistics' }),
      tf.layers.dense({ units: 1, activation: 'sigmoid' }),
    ],
  }),
);
const { merges, ...rest } = layerCollection(tf);
const noOnnx = { ...rest, recurrent: recurrentModel(tf) };
const inFormats = (models: Readonly<Record<string, FormatModel>>, extra: Omit<Case, keyof FormatModel>) =>
  Object.fromEntries(Object.entries(models).map(([name, model]) => [name, { ...model, ...extra }]));
const ofModels = (models: Readonly<Record<string, LayersModel>>) =>
  Object.fromEntries(Object.entries(models).map(([name, model]) => [name, binary(model)]));

const cases: Readonly<Record<string, Case>> = {
  ...inFormats(await trainerModels(tf), { formats: everything }),
  ...inFormats(onnxModels(tf), { formats: everything }),
  ...inFormats(autoencoders(tf), { formats: everything }),
  ...inFormats(
    ofModels({
      'convolutions with normalization': convolutionalModel(tf, 3, 3, 1),
      functional: functionalModel(tf),
      nested: nestedModel(tf),
      graph: randomGraph(tf, 3),
      merges: merges as LayersModel,
    }),
    { formats: everything },
  ),
  ...inFormats(ofModels(noOnnx), { formats: everything, without: ['onnx'] }),
  'a layer of the user, as SavedModel alone': { ...userModel, formats: ['savedmodel'] },
  'ONNX alone': { ...binary(convolutionalModel(tf, 1, 1, 1)), formats: ['onnx'] },
  'HDF5 alone': { ...binary(convolutionalModel(tf, 1, 3, 1)), formats: ['h5'] },
};
const names = Object.keys(cases);

interface Loaded {
  readonly signature: { readonly inputs: object; readonly outputs: object } | null;
  /** By way of loading, then by batch size. */
  readonly predictions: readonly (readonly (readonly number[])[])[];
}

interface Examined {
  readonly error?: string;
  readonly formats: Readonly<Record<string, Loaded>>;
  readonly served: readonly number[];
  readonly flavors: Readonly<Record<string, string | null>>;
}

describe('a model in several formats', () => {
  let directory: TemporaryDirectory;
  let results: Record<string, Examined>;
  const expected = new Map<string, Float32Array>();
  const exported = new Map<string, ExportedModel>();
  const folder = (name: string) => directory.join(name.replace(/\W+/g, '-'));

  beforeAll(async () => {
    directory = await temporaryDirectory();
    for (const [index, name] of names.entries()) {
      const { model, classNames, formats } = cases[name] as Case;
      randomizeWeights(tf, model, index + 1);
      const inputShape = (model.inputs[0]?.shape ?? []).slice(1) as number[];
      const shape = [Math.max(...batchSizes), ...inputShape];
      const inputs = inputsFor(name, shape);
      expected.set(name, (await (model.predict(tf.tensor(inputs, shape)) as Tensor).data()) as Float32Array);
      exported.set(
        name,
        await exportModel({
          ...{ tf, model, name, classNames, inputShape, formats, exampleCount },
          directory: folder(name),
          preprocessing: { scale: 1 / 255 },
          inputExample: inputs.slice(0, (inputs.length / shape[0]!) * exampleCount),
          parameters: {},
          dataSource: 'synthetic cells',
        }),
      );
      await writeProbe(folder(name), inputs, shape);
    }
    results = await examineWithPython('load_with_python.py', names.map(folder));
  });

  afterAll(() => directory?.remove());

  test.each(names)('predicts the same in every runtime, for batches of any size: %s', (name) => {
    const { formats, without = [] } = cases[name] as Case;
    const result = results[folder(name)] as Examined;
    expect(result.error).toBeUndefined();
    const values = expected.get(name) as Float32Array;
    expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(1e-3);
    const perExample = values.length / Math.max(...batchSizes);
    const wanted = formats.filter((format) => !without.includes(format) && format in files);
    expect(Object.keys(result.formats).sort()).toEqual(wanted.map((format) => files[format]).sort());
    for (const { predictions } of Object.values(result.formats)) {
      for (const [index, size] of batchSizes.entries()) {
        for (const ofBatch of predictions) {
          expect(largestDifference(ofBatch[index] ?? [], values.subarray(0, size * perExample))).toBeLessThan(1e-5);
        }
      }
    }
    expect(largestDifference(result.served, values.subarray(0, exampleCount * perExample))).toBeLessThan(1e-5);
  });

  test.each(names)('has its own shapes as signature, and a flavor of MLflow for each: %s', (name) => {
    const { model, formats, without = [] } = cases[name] as Case;
    const result = results[folder(name)] as Examined;
    const [input, output] = [model.inputs[0]!.shape.slice(1), model.outputs[0]!.shape.slice(1)];
    const saved = result.formats['savedmodel/saved_model.pb'];
    if (saved !== undefined) {
      expect(saved.signature).toEqual({ inputs: { input: [null, ...input] }, outputs: { output: [null, ...output] } });
    }
    const onnx = result.formats['model.onnx'];
    if (onnx !== undefined) {
      expect(onnx.signature).toEqual({
        inputs: { input: ['batch', ...input] },
        outputs: { output: ['batch', ...output] },
      });
    }
    const has = (format: ExportFormatName) => formats.includes(format) && !without.includes(format);
    const flavors = [
      'python_function',
      ...(has('keras') || has('h5') || has('savedmodel') ? ['tensorflow'] : []),
      ...(has('onnx') ? ['onnx'] : []),
      ...(has('tfjs') ? ['tfjs'] : []),
    ];
    expect(Object.keys(result.flavors)).toEqual(flavors);
    expect(exported.get(name)?.warnings).toHaveLength(without.length);
  });

  test('says which layer a format cannot hold', () => {
    expect(exported.get('masked')?.warnings).toEqual([
      expect.stringMatching(
        /^The model is not written as onnx: layer 'masking_\w+' cannot be exported as onnx: .*Masking\.$/,
      ),
    ]);
  });

  test('loads again in tfjs where its output is an image', async () => {
    const name = 'autoencoder of images';
    const model = await tf.loadLayersModel(pathToFileURL(`${folder(name)}/tfjs/model.json`).href);
    const shape = [7, 8, 8, 1];
    const again = (await (model.predict(tf.tensor(inputsFor(name, shape), shape)) as Tensor).data()) as Float32Array;
    expect(again).toEqual(expected.get(name));
  });

  test.each([
    ['cnn_mnist, 4 classes', ['a', 'b', 'c', 'd']],
    ['mlp, 2 classes', ['no', 'yes']],
    ['a layer of the user, as SavedModel alone', ['no', 'yes']],
    ['autoencoder of pixels', null],
  ])('is told apart into classes by the program beside it: %s', async (name, classNames) => {
    const path = folder(name);
    const command = `"${await pythonPath()}" "${path}/predictor.py" < "${path}/serving_input_example.json"`;
    const { stdout } = await promisify(execFile)('sh', ['-c', command], { maxBuffer: 1 << 24 });
    const { predictions, classes } = JSON.parse(stdout) as { predictions: number[][]; classes: string[] | null };
    const values = expected.get(name) as Float32Array;
    const count = values.length / Math.max(...batchSizes);
    expect(largestDifference(predictions.flat(), values.subarray(0, exampleCount * count))).toBeLessThan(1e-5);
    const threshold = name.startsWith('mlp') ? 0 : 0.5;
    const label = (row: number[]) => (count === 1 ? Number(row[0]! >= threshold) : row.indexOf(Math.max(...row)));
    expect(classes).toEqual(classNames && predictions.map((row) => classNames[label(row)]));
  });

  test.each(['resnet, 4 classes', 'a layer of the user, as SavedModel alone', 'ONNX alone'])(
    'is served by mlflow models serve: %s',
    async (name) => {
      await using server = await serveModel(folder(name));
      const body = await readFile(`${folder(name)}/serving_input_example.json`, 'utf8');
      const { predictions } = (await server.predict(body)) as { predictions: number[][] | { output: number[][] } };
      const numbers = [Array.isArray(predictions) ? predictions : predictions.output].flat(3) as number[];
      const values = expected.get(name) as Float32Array;
      const count = (values.length / Math.max(...batchSizes)) * exampleCount;
      expect(largestDifference(numbers, values.subarray(0, count))).toBeLessThan(1e-5);
    },
  );
});
