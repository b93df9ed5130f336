import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CompiledModel, type FrozenBase, plainSetup } from '../../../../../trainer/components/index.ts';
import type { PixelRange } from '../../../../../trainer/components/preprocessor.ts';
import { StandardPreprocessor } from '../../../../../trainer/data/preprocessors/standard.ts';
import { summarizeModel } from '../../../../../trainer/evaluation/model-summary.ts';
import { checkExportable } from '../../../../../trainer/export/index.ts';
import { applyPreprocessing } from '../../../../../trainer/models/vgg16/base.ts';
import { Vgg16Builder } from '../../../../../trainer/models/vgg16/vgg16.ts';
import type { LayersModel, Tensor, TensorFlow } from '../../../../../trainer/tensorflow/library.ts';
import { quietTensorFlow } from '../../../../support/tensorflow.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = quietTensorFlow();
  await tf.ready();
});

const pixelRange: PixelRange = { low: -1, high: 1 };

function build(parameters: object, shape: readonly [number, number, number] = [32, 32, 3]): Promise<CompiledModel> {
  const builder = new Vgg16Builder({ weights: 'random', dense_units: [8], ...parameters }, plainSetup);
  return builder.getCompiledModel({ tf, inputShape: shape, classes: 2, pixelRange });
}

const trained = (model: LayersModel) =>
  model.layers.filter(({ trainableWeights }) => trainableWeights.length > 0).map(({ name }) => name);

describe('VGG16 with a frozen base', () => {
  let compiled: CompiledModel;
  let parts: FrozenBase;
  beforeAll(async () => {
    compiled = await build({});
    parts = compiled.frozenBase as FrozenBase;
  });
  afterAll(() => void compiled.model.dispose());

  it('has the layers of Keras, of which those on top are trained alone', () => {
    const { layers, parameters, trainableParameters } = summarizeModel(compiled.model);
    expect(layers.map(({ name }) => name)).toEqual([
      ...['image', 'preprocessing', 'block1_conv1', 'block1_conv2', 'block1_pool'],
      ...['block2_conv1', 'block2_conv2', 'block2_pool'],
      ...['block3_conv1', 'block3_conv2', 'block3_conv3', 'block3_pool'],
      ...['block4_conv1', 'block4_conv2', 'block4_conv3', 'block4_pool'],
      ...['block5_conv1', 'block5_conv2', 'block5_conv3', 'block5_pool'],
      ...['flatten', 'dense_1', 'dropout_1', 'score'],
    ]);
    // Those of Keras's VGG16 without its top, the twelve that preprocess, and the dense layers.
    expect(parameters).toBe(14_714_688 + 12 + (512 * 8 + 8) + (8 + 1));
    expect(trainableParameters).toBe(512 * 8 + 8 + 8 + 1);
    expect(trained(compiled.model)).toEqual(['dense_1', 'score']);
    // A layer that stands in two networks is told of the one that is asked for.
    expect(layers.find(({ name }) => name === 'flatten')?.inputs).toEqual(['block5_pool']);
  });

  it('is its base and its head, one behind the other, with the same weights', () => {
    expect(parts.head.layers.at(-1)).toBe(compiled.model.layers.at(-1));
    expect(trained(parts.head)).toEqual(['dense_1', 'score']);
    expect(trained(parts.base)).toEqual([]);
    tf.tidy(() => {
      const images = tf.randomUniform([3, 32, 32, 3], -1, 1, 'float32', 1);
      const whole = (compiled.model.predict(images) as Tensor).dataSync();
      const features = parts.base.predict(images) as Tensor;
      expect(features.shape).toEqual([3, 1, 1, 512]);
      expect((parts.head.predict(features) as Tensor).dataSync()).toEqual(whole);
      expect(new Set(whole).size).toBe(3);
    });
  });

  it('can be exported in every format', () => {
    expect(checkExportable(compiled.model, ['tfjs', 'keras', 'h5', 'onnx', 'savedmodel'])).toEqual([]);
  });
});

it('VGG16 is trained from the block on that is named, and has then no features to keep', async () => {
  const { model, frozenBase } = await build({ fine_tune_from: 'block4', pooling: 'average', dropout_rate: 0 });
  expect(frozenBase).toBeUndefined();
  expect(trained(model)).toEqual([
    ...['block4_conv1', 'block4_conv2', 'block4_conv3', 'block5_conv1', 'block5_conv2', 'block5_conv3'],
    ...['dense_1', 'score'],
  ]);
  expect(model.layers.slice(-3).map(({ name }) => name)).toEqual(['average', 'dense_1', 'score']);
  model.dispose();
});

describe('what VGG16 makes of pixels', () => {
  const images = { uint8: Uint8Array.of(0, 10, 255), uint16: Uint16Array.of(0, 2570, 65_535) };
  const cases = (['centered', 'unit', 'none'] as const).flatMap((scaling) =>
    (['uint8', 'uint16'] as const).map((dtype) => [scaling, dtype] as const),
  );

  it.each(cases)('is what Keras makes of them: %s, %s', (scaling, dtype) => {
    const preprocessor = new StandardPreprocessor({ scaling });
    const sample = { pixels: images[dtype], height: 1, width: 1, id: '', label: 0, weight: 1 };
    const outputs = [3, 1].map((channels) =>
      tf.tidy(() => {
        const [width, range] = [3 / channels, preprocessor.pixelRange(dtype) as PixelRange];
        const { inputs } = preprocessor.batchify([{ ...sample, channels, width }]);
        const input = tf.input({ shape: [1, width, channels] });
        const model = tf.model({ inputs: input, outputs: applyPreprocessing(tf, input, range) });
        const output = [...(model.predict(tf.tensor4d(inputs, [1, 1, width, channels])) as Tensor).dataSync()];
        model.dispose();
        return output;
      }),
    ) as [number[], number[]];
    // Blue, green, red without ImageNet's means; a grey pixel is all three.
    const means = [103.939, 116.779, 123.68];
    const expected = [
      [255, 10, 0].map((value, index) => value - (means[index] as number)),
      [0, 10, 255].flatMap((value) => means.map((mean) => value - mean)),
    ];
    for (const [index, output] of outputs.entries()) {
      expect(output).toHaveLength(expected[index]?.length ?? 0);
      for (const [place, value] of output.entries()) expect(value).toBeCloseTo(expected[index]?.[place] ?? 0, 3);
    }
  });

  it('are refused where they are no pixels, or of other channels', async () => {
    expect(new StandardPreprocessor().pixelRange('float32')).toBeNull();
    const builder = new Vgg16Builder({ weights: 'random' });
    const task = { tf, inputShape: [32, 32, 3], classes: 2 } as const;
    await expect(builder.getCompiledModel({ ...task, pixelRange: null })).rejects.toThrow(
      'takes pixels of 8 or 16 bits',
    );
    await expect(build({}, [32, 32, 4])).rejects.toThrow('red, green and blue, or grey, but they have 4 channels.');
    await expect(build({}, [31, 40, 3])).rejects.toThrow('32x32 pixels or more, but they have 40x31.');
  });
});

it('VGG16 names a weights file that is not there', async () => {
  await expect(build({ weights: '/nowhere/vgg16.h5' })).rejects.toMatchObject({
    message: 'The weights file /nowhere/vgg16.h5 does not exist.',
    hint: expect.stringContaining('https://storage.googleapis.com/'),
  });
});
