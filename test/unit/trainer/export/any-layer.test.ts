import type { LayersModel, Tensor, layers as tfLayers } from '@tensorflow/tfjs-node-gpu';
import { describe, expect, test } from 'vitest';
import { graphOfAnyBatch } from '../../../../trainer/export/graph/any-batch.ts';
import { recordForwardPass } from '../../../../trainer/export/graph/recording.ts';
import { modelGraph } from '../../../../trainer/export/graph/saved-model.ts';
import { checkExportable, UnsupportedLayerError } from '../../../../trainer/export/index.ts';
import { convolutionalModel, recurrentModel } from '../../../support/export-models.ts';
import { channelStatistics, layersWithoutGraph } from '../../../support/format-models.ts';
import { quietTensorFlow } from '../../../support/tensorflow.ts';

const tf = quietTensorFlow();
const dense = (extra: object = {}) => tf.layers.dense({ units: 4, ...extra });

function around(layer: tfLayers.Layer): LayersModel {
  return tf.sequential({ layers: [dense({ inputShape: [5] }), layer, dense()] });
}

describe("a layer of one's own", () => {
  const layer = () => new (channelStatistics(tf))({ name: 'statistics', inputShape: [8, 8, 3] });
  const model = () => tf.sequential({ layers: [layer(), dense()] });

  test('is exported as SavedModel, which knows no layers', () => {
    expect(checkExportable(model(), ['savedmodel'])).toEqual([]);
  });

  test('is refused by the formats that have to know it, with a hint to the one that has not', () => {
    expect(() => checkExportable(model(), ['savedmodel', 'keras'])).toThrow(
      expect.objectContaining({
        message: "layer 'statistics' cannot be exported: the class ChannelStatistics has no equal in Keras",
        hint: expect.stringContaining('the format savedmodel, which takes every layer'),
      }),
    );
  });

  test('leaves ONNX out with a sentence that names layer and format, but fails where nothing is left', () => {
    expect(checkExportable(model(), ['savedmodel', 'onnx'])).toEqual([
      "The model is not written as onnx: layer 'statistics' cannot be exported as onnx: " +
        'this exporter has no ONNX for the class ChannelStatistics.',
    ]);
    expect(() => checkExportable(model(), ['onnx'])).toThrow(/would be written in no format\. .*statistics/);
  });

  test.each(Object.entries(layersWithoutGraph(tf)))('is refused by name where it %s', (_, [Layer, message]) => {
    const check = () => checkExportable(around(new Layer({ name: 'mine' })), ['savedmodel']);
    expect(check).toThrow(UnsupportedLayerError);
    expect(check).toThrow(/^layer 'mine' cannot be exported as savedmodel: /);
    expect(check).toThrow(message);
  });

  test('is refused where a model takes batches of one size alone', () => {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, batchInputShape: [4, 2] })] });
    expect(() => checkExportable(model, ['savedmodel'])).toThrow(/takes batches of 4 alone; a SavedModel takes any/);
  });
});

describe('the recording of a forward pass', () => {
  test('leaves model, backend and memory as they were', () => {
    const model = convolutionalModel(tf, 1, 1, 1);
    const before = (model.predict(tf.ones([1, 20, 20, 1])) as Tensor).dataSync();
    const tensors = tf.memory().numTensors;
    const backend = tf.backend() as unknown as object;
    modelGraph(tf, model);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(Object.keys(backend).filter((key) => key.startsWith('execute'))).toEqual([]);
    expect(model.layers.filter((layer) => Object.hasOwn(layer, 'call'))).toEqual([]);
    expect((model.predict(tf.ones([1, 20, 20, 1])) as Tensor).dataSync()).toEqual(before);
  });

  test('puts everything back where a layer fails', () => {
    const [Layer] = layersWithoutGraph(tf)['reads its input']!;
    const model = around(new Layer({ name: 'mine' }));
    expect(() => modelGraph(tf, model)).toThrow(UnsupportedLayerError);
    expect(model.layers.filter((layer) => Object.hasOwn(layer, 'call'))).toEqual([]);
    expect((model.predict(tf.ones([2, 5])) as Tensor).shape).toEqual([2, 4]);
  });

  test('tells what grows with the batch as a formula', () => {
    const model = recurrentModel(tf);
    const recordings = [2, 3, 5].map((size) => recordForwardPass(tf, model, size));
    const { nodes } = graphOfAnyBatch(recordings);
    const repeated = nodes.flatMap((node) => (node.kind === 'repeated' ? [node] : []));
    expect(repeated.length).toBeGreaterThan(0);
    for (const { value, times } of repeated) {
      expect(value.shape[0]).toBe(1);
      expect(times.perExample[0]).toBe(1);
      expect(times.fixed[0]).toBe(0);
    }
    const shapes = nodes.flatMap((node) => (node.kind === 'batch-numbers' ? [node] : []));
    expect(shapes.some(({ perExample }) => perExample.some((value) => value !== 0))).toBe(true);
  });
});
