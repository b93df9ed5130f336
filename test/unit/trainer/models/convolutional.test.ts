import { beforeAll, describe, expect, it } from 'vitest';
import { plainSetup } from '../../../../trainer/components/index.ts';
import { checkExportable } from '../../../../trainer/export/index.ts';
import { ConvolutionalBuilder, checkConvolutions } from '../../../../trainer/models/convolutional.ts';
import type { LayersModel, TensorFlow } from '../../../../trainer/tensorflow/library.ts';
import { quietTensorFlow } from '../../../support/tensorflow.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = quietTensorFlow();
  await tf.ready();
});

function build(convolutions: number, size = 50, seed = 1): LayersModel {
  const builder = new ConvolutionalBuilder({ convolutions }, { ...plainSetup, seed });
  return builder.getCompiledModel({ tf, inputShape: [size, size, 3], classes: 2 }).model;
}

describe('the convolutional network', () => {
  it('has as many convolutions as asked, each with pooling, and one score', () => {
    const model = build(3);
    const classes = model.layers.map((layer) => layer.getClassName());
    expect(classes).toEqual([
      ...['Conv2D', 'MaxPooling2D', 'Conv2D', 'MaxPooling2D', 'Conv2D', 'MaxPooling2D'],
      ...['Flatten', 'Dense', 'Dropout', 'Dense'],
    ]);
    const filters = model.layers
      .filter((layer) => layer.getClassName() === 'Conv2D')
      .map((layer) => layer.getConfig().filters);
    expect(filters).toEqual([32, 64, 128]);
    expect(model.outputs[0]?.shape).toEqual([null, 1]);
  });

  it.each([1, 2, 5])('can be exported with %i convolutions', (convolutions) => {
    expect(() => checkExportable(build(convolutions))).not.toThrow();
  });

  it('has weights that the seed decides, different in every layer', () => {
    const weights = (seed: number): string[] =>
      build(2, 16, seed)
        .getWeights()
        .map((weight) => String(weight.dataSync()));
    expect(weights(1)).toEqual(weights(1));
    expect(weights(2)[0]).not.toBe(weights(1)[0]);
  });
});

describe('a table of numbers', () => {
  it('is refused with the networks that there are for it', () => {
    expect(() => new ConvolutionalBuilder().getCompiledModel({ tf, inputShape: [1, 7, 1], classes: 2 })).toThrow(
      expect.objectContaining({
        message: 'The network convolutional is for images, not for rows of 7 numbers.',
        hint: 'Set model_builder_class to mlp or dnn.',
      }),
    );
  });
});

describe('checkConvolutions', () => {
  it('refuses more halvings than the image has', () => {
    expect(() => checkConvolutions(5, 50)).not.toThrow();
    expect(() => checkConvolutions(6, 50)).toThrow(
      'convolutions is 6, but an image of 50 pixels can be halved only 5 times',
    );
  });
});
