import type { LayersModel, layers as tfLayers } from '@tensorflow/tfjs-node-gpu';
import { describe, expect, test } from 'vitest';
import { describeOutput } from '../../../../trainer/export/output.ts';
import { autoencoders } from '../../../support/format-models.ts';
import { quietTensorFlow } from '../../../support/tensorflow.ts';

const tf = quietTensorFlow();
const { layers } = tf;
const two = ['no', 'yes'];
const three = ['a', 'b', 'c'];

function model(...last: tfLayers.Layer[]): LayersModel {
  return tf.sequential({ layers: [layers.dense({ units: 4, inputShape: [5] }), ...last] });
}

const dense = (units: number, activation?: 'sigmoid' | 'softmax' | 'relu') =>
  layers.dense({ units, ...(activation === undefined ? {} : { activation }) });

describe('what a model gives', () => {
  test.each([
    ['a sigmoid', model(dense(1, 'sigmoid')), 'probabilities', 0.75],
    ['no activation', model(dense(1)), 'logits', Math.log(3)],
    ['an activation that says nothing', model(dense(1, 'relu')), 'values', 0.75],
  ] as const)('is one number of two classes, with the border where it belongs: %s', (_, built, output, threshold) => {
    expect(describeOutput(built, two, 0.75)).toEqual({
      class_names: two,
      positive_class: 'yes',
      threshold,
      output,
      output_shape: [1],
    });
  });

  test.each([
    ['softmax', [dense(3, 'softmax')], 'probabilities'],
    ['logits', [dense(3)], 'logits'],
    ['softmax as a layer', [dense(3), layers.softmax({})], 'probabilities'],
    ['an activation as a layer', [dense(3), layers.activation({ activation: 'softmax' })], 'probabilities'],
    [
      'logits through layers that leave them',
      [dense(3), layers.dropout({ rate: 0.1 }), layers.reshape({ targetShape: [3] })],
      'logits',
    ],
    ['pooling', [dense(3), layers.reshape({ targetShape: [1, 3] }), layers.globalMaxPooling1d({})], 'values'],
    ['a model in the model', [tf.sequential({ layers: [layers.dense({ units: 3, inputShape: [4] })] })], 'logits'],
  ] as const)('is a number for each of several classes, without a border: %s', (_, last, output) => {
    expect(describeOutput(model(...(last as readonly tfLayers.Layer[])), three, 0.5)).toEqual({
      class_names: three,
      positive_class: null,
      threshold: null,
      output,
      output_shape: [3],
    });
  });

  test('is a number for each of two classes where it has two', () => {
    const described = describeOutput(model(dense(2, 'softmax')), two, 0.5);
    expect(described).toMatchObject({ class_names: two, positive_class: null, threshold: null });
  });

  test('says nothing of classes where it has another shape, whatever classes the data have', () => {
    const { 'autoencoder of pixels': pixels, 'autoencoder of images': images } = autoencoders(tf);
    for (const { model: built, classNames } of [pixels!, images!]) {
      expect(describeOutput(built, classNames, 0.5)).toEqual({
        class_names: [],
        positive_class: null,
        threshold: null,
        output: 'values',
        output_shape: built.outputs[0]!.shape.slice(1),
      });
    }
  });
});
