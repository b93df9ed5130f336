import type { SymbolicTensor, layers as tfLayers } from '@tensorflow/tfjs-node-gpu';
import { describe, expect, test } from 'vitest';
import { checkExportable, UnsupportedLayerError } from '../../../../trainer/export/index.ts';
import { kerasConfig } from '../../../../trainer/export/keras-config.ts';
import { placeWeights, toSnakeCase } from '../../../../trainer/export/keras-weights.ts';
import { layerView } from '../../../../trainer/export/layers-model.ts';
import { standardTopology } from '../../../../trainer/export/topology.ts';
import { nestedModel, recurrentModel } from '../../../support/export-models.ts';
import { quietTensorFlow } from '../../../support/tensorflow.ts';

const tf = quietTensorFlow();

function sequential(...layers: tfLayers.Layer[]) {
  return tf.sequential({ layers });
}

describe('what cannot be exported is one clear error that names the layer', () => {
  const dense = () => tf.layers.dense({ units: 1 });
  test.each([
    [
      'a hard sigmoid',
      () => sequential(tf.layers.lstm({ units: 2, inputShape: [3, 2], name: 'memory' })),
      /layer 'memory' cannot be exported: tfjs and Keras 3 compute the hard sigmoid differently/,
    ],
    [
      'a class Keras has not',
      () => sequential(tf.layers.thresholdedReLU({ inputShape: [3], theta: 1, name: 'cut' }), dense()),
      /layer 'cut' cannot be exported: the class ThresholdedReLU has no equal in Keras/,
    ],
    [
      'an activation Keras has not',
      () =>
        sequential(tf.layers.dense({ units: 2, inputShape: [3], activation: 'gelu_new' as 'relu', name: 'hidden' })),
      /layer 'hidden' cannot be exported: Keras has no activation equal to 'gelu_new'/,
    ],
    [
      'bilinear interpolation',
      () =>
        sequential(
          tf.layers.upSampling2d({ inputShape: [4, 4, 1], interpolation: 'bilinear', name: 'larger' }),
          tf.layers.flatten(),
        ),
      /layer 'larger' cannot be exported: tfjs and Keras 3 place the samples of bilinear/,
    ],
    [
      'an inner layer of a wrapper',
      () =>
        sequential(
          tf.layers.bidirectional({ layer: tf.layers.gru({ units: 2 }), inputShape: [3, 2], mergeMode: 'sum' }),
          dense(),
        ),
      /layer 'forward_gru_\w+' cannot be exported: .*hard sigmoid/,
    ],
  ])('%s', (_, build, message) => {
    const check = () => checkExportable(build());
    expect(check).toThrow(UnsupportedLayerError);
    expect(check).toThrow(message);
  });

  test('a layer used twice in an order that tfjs does not keep', () => {
    const input = tf.input({ shape: [3] });
    const shared = tf.layers.dense({ units: 3, name: 'shared' });
    const then = (tensor: SymbolicTensor) => tf.layers.dense({ units: 3 }).apply(tensor) as SymbolicTensor;
    // The first use waits for a layer that stands after the shared one, the second use does not.
    const first = shared.apply(then(input)) as SymbolicTensor;
    const second = shared.apply(input) as SymbolicTensor;
    const joined = tf.layers.concatenate().apply([then(then(second)), first]) as SymbolicTensor;
    expect(() => checkExportable(tf.model({ inputs: input, outputs: joined }))).toThrow(
      "layer 'shared' cannot be exported: it is used several times",
    );
  });

  test('a model with several outputs', () => {
    const input = tf.input({ shape: [3] });
    const outputs = [1, 2].map((units) => tf.layers.dense({ units }).apply(input) as SymbolicTensor);
    expect(() => checkExportable(tf.model({ inputs: input, outputs }))).toThrow(/only a model with one input and one/);
  });
});

describe('a layer of the program itself', () => {
  const Dropout = tf.layers.dropout({ rate: 0.1 }).constructor as unknown as new (
    configuration: object,
  ) => tfLayers.Layer;
  class KeyedDropout extends Dropout {
    static readonly className: string = 'KeyedDropout';
  }
  class Doubling extends (tf.layers.reLU().constructor as unknown as new (configuration: object) => tfLayers.Layer) {
    static readonly className: string = 'Doubling';
  }

  test('is exported as the dropout it extends', () => {
    const model = sequential(tf.layers.dense({ units: 2, inputShape: [3] }), new KeyedDropout({ rate: 0.3 }));
    const topology = standardTopology(layerView(model));
    const names = (topology.config.layers as { class_name: string }[]).map((layer) => layer.class_name);
    expect(names).toEqual(['Dense', 'Dropout']);
    const config = kerasConfig(layerView(model), topology).config as {
      layers: { class_name: string; config: object }[];
    };
    expect(config.layers.at(-1)).toMatchObject({ class_name: 'Dropout', config: { rate: 0.3 } });
  });

  test('is refused where it may compute something else than the layer it extends', () => {
    const model = sequential(tf.layers.dense({ units: 2, inputShape: [3] }), new Doubling({ name: 'twice' }));
    expect(() => checkExportable(model)).toThrow("layer 'twice' cannot be exported: the class Doubling");
  });
});

describe('the places of the weights', () => {
  test('follow the classes and their order, through models in models', () => {
    const places = placeWeights(layerView(nestedModel(tf))).map(({ path }) => path);
    expect(places).toEqual([
      'layers/functional/layers/dense/vars/0',
      'layers/functional/layers/dense/vars/1',
      'layers/functional/layers/dense_1/vars/0',
      'layers/functional/layers/dense_1/vars/1',
      'layers/sequential/layers/dense/vars/0',
      'layers/sequential/layers/dense/vars/1',
      ...[0, 1, 2, 3].map((index) => `layers/sequential/layers/batch_normalization/vars/${index}`),
      'layers/sequential/layers/functional/layers/dense/vars/0',
      'layers/sequential/layers/functional/layers/dense/vars/1',
      'layers/sequential/layers/functional/layers/dense_1/vars/0',
      'layers/sequential/layers/functional/layers/dense_1/vars/1',
      'layers/functional_1/layers/dense/vars/0',
      'layers/functional_1/layers/dense/vars/1',
      'layers/functional_1/layers/dense_1/vars/0',
      'layers/functional_1/layers/dense_1/vars/1',
    ]);
  });

  test('lie in the cells of recurrent layers and in the layers of wrappers', () => {
    const places = new Set(placeWeights(layerView(recurrentModel(tf))).map(({ path }) => path.replace(/\/\d+$/, '')));
    expect([...places]).toEqual([
      'layers/embedding/vars',
      'layers/lstm/cell/vars',
      'layers/gru/cell/vars',
      'layers/simple_rnn/cell/vars',
      'layers/time_distributed/layer/vars',
      'layers/bidirectional/forward_layer/cell/vars',
      'layers/bidirectional/backward_layer/cell/vars',
      'layers/dense/vars',
    ]);
  });

  test.each([
    ['Conv2D', 'conv2d'],
    ['PReLU', 'p_re_lu'],
    ['SimpleRNN', 'simple_rnn'],
    ['GlobalAveragePooling2D', 'global_average_pooling2d'],
    ['LSTM', 'lstm'],
    ['ELU', 'elu'],
  ])('are named after Keras class %s as %s', (className, name) => {
    expect(toSnakeCase(className)).toBe(name);
  });
});
