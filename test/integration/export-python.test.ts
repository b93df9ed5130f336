import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LayersModel, Tensor } from '@tensorflow/tfjs-node-gpu';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportModel } from '../../trainer/export/index.ts';
import {
  convolutionalModel,
  functionalModel,
  layerCollection,
  nestedModel,
  randomGraph,
  randomizeWeights,
  recurrentModel,
} from '../support/export-models.ts';
import { examineWithPython, inputsFor, largestDifference, writeProbe } from '../support/python-export.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.ts';
import { quietTensorFlow } from '../support/tensorflow.ts';

const tf = quietTensorFlow();
const exampleCount = 2;
const models: Readonly<Record<string, LayersModel>> = {
  'one convolution, grey': convolutionalModel(tf, 1, 1, 1),
  'two convolutions, colour': convolutionalModel(tf, 2, 3, 1),
  'three convolutions, colour, four classes': convolutionalModel(tf, 3, 3, 4),
  'four convolutions, grey': convolutionalModel(tf, 4, 1, 1),
  functional: functionalModel(tf),
  nested: nestedModel(tf),
  recurrent: recurrentModel(tf),
  ...layerCollection(tf),
  ...Object.fromEntries([1, 2, 3, 4, 5, 7].map((seed) => [`graph ${seed}`, randomGraph(tf, seed)])),
};
const names = Object.keys(models);

/** Two for one number, else one for each. */
function classNamesOf(name: string): string[] {
  const outputs = models[name]?.outputs[0]?.shape[1] ?? 0;
  return outputs === 1
    ? ['Uninfected', 'Parasitized']
    : Array.from({ length: outputs }, (_, label) => `class ${label}`);
}

interface Examined {
  readonly error?: string;
  readonly pyfunc: number[];
  readonly mlflow_tensorflow: number[];
  readonly keras: number[];
  readonly serving: number[];
  readonly example_shape: number[];
  readonly weights: number;
  readonly metadata: Record<string, unknown>;
  readonly signature: { inputs: string; outputs: string };
  readonly flavors: string[];
  readonly wrong_type: string | null;
  readonly wrong_shape: string | null;
}

describe('an exported model', () => {
  let directory: TemporaryDirectory;
  let results: Record<string, Examined>;
  const expected = new Map<string, Float32Array>();
  const folder = (name: string) => directory.join(name.replace(/\W+/g, '-'));

  beforeAll(async () => {
    directory = await temporaryDirectory();
    for (const [index, name] of names.entries()) {
      const model = randomizeWeights(tf, models[name] as LayersModel, index + 1);
      const shape = [exampleCount + 3, ...(model.inputs[0]!.shape.slice(1) as number[])];
      const inputs = inputsFor(name, shape);
      expected.set(name, (await (model.predict(tf.tensor(inputs, shape)) as Tensor).data()) as Float32Array);
      await exportModel({
        tf,
        model,
        directory: folder(name),
        name,
        classNames: classNamesOf(name),
        inputShape: shape.slice(1),
        preprocessing: { scale: 1 / 255 },
        inputExample: inputs.slice(0, (inputs.length / (exampleCount + 3)) * exampleCount),
        exampleCount,
        parameters: { epochs: 3 },
        dataSource: 'synthetic cells',
      });
      await writeProbe(folder(name), inputs, shape);
    }
    results = await examineWithPython('predict_with_python.py', names.map(folder));
  });

  afterAll(() => directory?.remove());

  test.each(names)('predicts in MLflow and Keras what tfjs predicts: %s', (name) => {
    const result = results[folder(name)] as Examined;
    expect(result.error).toBeUndefined();
    const values = expected.get(name) as Float32Array;
    expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(1e-3);
    expect(largestDifference(result.pyfunc, values)).toBeLessThan(1e-5);
    expect(largestDifference(result.mlflow_tensorflow, values)).toBeLessThan(1e-5);
    expect(largestDifference(result.keras, values)).toBeLessThan(1e-5);
    const perExample = values.length / (exampleCount + 3);
    expect(largestDifference(result.serving, values.slice(0, perExample * exampleCount))).toBeLessThan(1e-5);
    expect(result.weights).toBe((models[name] as LayersModel).countParams());
  });

  test.each(names)('loads again in tfjs and predicts the same: %s', async (name) => {
    const model = await tf.loadLayersModel(pathToFileURL(join(folder(name), 'tfjs', 'model.json')).href);
    const shape = [exampleCount + 3, ...(model.inputs[0]!.shape.slice(1) as number[])];
    const again = (await (model.predict(tf.tensor(inputsFor(name, shape), shape)) as Tensor).data()) as Float32Array;
    expect(again).toEqual(expected.get(name));
    expect(model.getUserDefinedMetadata()).toMatchObject({ class_names: classNamesOf(name) });
  });

  test('tells its signature and refuses inputs that do not fit it', () => {
    const result = results[folder('two convolutions, colour')] as Examined;
    expect(JSON.parse(result.signature.inputs)).toEqual([
      { type: 'tensor', 'tensor-spec': { dtype: 'float32', shape: [-1, 20, 20, 3] } },
    ]);
    expect(JSON.parse(result.signature.outputs)).toEqual([
      { type: 'tensor', 'tensor-spec': { dtype: 'float32', shape: [-1, 1] } },
    ]);
    expect(result.wrong_type).toBe('MlflowException');
    expect(result.wrong_shape).toBe('MlflowException');
  });

  test('carries its input example, flavors, classes and threshold', () => {
    const binary = results[folder('two convolutions, colour')] as Examined;
    expect(binary.example_shape).toEqual([exampleCount, 20, 20, 3]);
    expect(binary.flavors).toEqual(['onnx', 'python_function', 'tensorflow', 'tfjs']);
    expect(binary.metadata).toMatchObject({
      class_names: ['Uninfected', 'Parasitized'],
      positive_class: 'Parasitized',
      threshold: 0.5,
      preprocessing: { scale: 1 / 255 },
      parameters: { epochs: 3 },
      data_source: 'synthetic cells',
    });
    const several = results[folder('three convolutions, colour, four classes')] as Examined;
    expect(several.metadata).toMatchObject({
      class_names: ['class 0', 'class 1', 'class 2', 'class 3'],
      positive_class: null,
      threshold: null,
      output: 'probabilities',
    });
  });
});
