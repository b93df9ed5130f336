import type { LayersModel, SymbolicTensor, layers as tfLayers } from '@tensorflow/tfjs-node-gpu';
import type { TensorFlow } from '../../trainer/tensorflow/library.ts';
import { random } from './random-numbers.ts';

/** Gives every weight of a model a value of its own, moving statistics included, so that no mistake goes unseen. */
export function randomizeWeights(tf: TensorFlow, model: LayersModel, seed: number): LayersModel {
  const next = random(seed);
  for (const layer of model.layers) {
    const values = layer.weights.map((weight) => {
      const shape = weight.shape as number[];
      const size = shape.reduce((product, length) => product * length, 1);
      const isVariance = weight.originalName.includes('variance');
      const scale = shape.length < 2 ? 0.5 : 1.7 / Math.sqrt(size / (shape.at(-1) ?? 1));
      return tf.tensor(
        Float32Array.from({ length: size }, () => (isVariance ? 0.5 + next() : (2 * next() - 1) * scale)),
        shape,
      );
    });
    layer.setWeights(values);
    tf.dispose(values);
  }
  return model;
}

/** A network like the trainer's own: convolutions with batch normalization and pooling, then dense layers. */
export function convolutionalModel(
  tf: TensorFlow,
  convolutions: number,
  channels: number,
  outputs: number,
): LayersModel {
  const layers: tfLayers.Layer[] = [];
  for (let index = 0; index < convolutions; index++) {
    layers.push(
      tf.layers.conv2d({
        ...(index === 0 ? { inputShape: [20, 20, channels] } : {}),
        filters: 4 << index,
        kernelSize: 3,
        padding: 'same',
        useBias: index % 2 === 1,
      }),
      tf.layers.batchNormalization({}),
      index % 2 === 0 ? tf.layers.reLU() : tf.layers.leakyReLU(),
      tf.layers.maxPooling2d({ poolSize: 2 }),
    );
  }
  layers.push(tf.layers.flatten(), tf.layers.dense({ units: 8, activation: 'relu', kernelRegularizer: 'l1l2' }));
  layers.push(tf.layers.dropout({ rate: 0.5 }));
  layers.push(tf.layers.dense({ units: outputs, activation: outputs === 1 ? 'sigmoid' : 'softmax' }));
  return tf.sequential({ layers });
}

/** A Functional model with branches of equal shapes, a layer used twice, Add and Concatenate. */
export function functionalModel(tf: TensorFlow): LayersModel {
  const input = tf.input({ shape: [12, 12, 3] });
  const conv = () => tf.layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same', activation: 'tanh' });
  const shared = conv();
  const left = shared.apply(input) as SymbolicTensor;
  const right = conv().apply(input) as SymbolicTensor;
  const twice = shared.apply(right) as SymbolicTensor;
  const sum = tf.layers.add().apply([left, twice]) as SymbolicTensor;
  const joined = tf.layers.concatenate().apply([sum, right, left]) as SymbolicTensor;
  const pooled = tf.layers.globalAveragePooling2d({}).apply(joined) as SymbolicTensor;
  const maximum = tf.layers.globalMaxPooling2d({}).apply(sum) as SymbolicTensor;
  const all = tf.layers.concatenate().apply([pooled, maximum]) as SymbolicTensor;
  return tf.model({ inputs: input, outputs: tf.layers.dense({ units: 2 }).apply(all) as SymbolicTensor });
}

/** A random graph of equally shaped dense layers: only the right order gives every layer its own weights. */
export function randomGraph(tf: TensorFlow, seed: number): LayersModel {
  const next = random(seed);
  const input = tf.input({ shape: [5] });
  const tensors: SymbolicTensor[] = [input];
  const layers: tfLayers.Layer[] = [];
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
  for (let index = 0; index < 12; index++) {
    const layer = layers.length > 0 && next() < 0.25 ? pick(layers) : tf.layers.dense({ units: 5, activation: 'tanh' });
    layers.push(layer);
    const from = next() < 0.4 && tensors.length > 1 ? [pick(tensors), pick(tensors)] : [pick(tensors)];
    const merged = from[0] === from[1] || from.length === 1 ? from[0] : tf.layers.add().apply(from);
    tensors.push(layer.apply(merged as SymbolicTensor) as SymbolicTensor);
  }
  const joined = tf.layers.concatenate().apply(tensors.slice(-5)) as SymbolicTensor;
  return tf.model({ inputs: input, outputs: tf.layers.dense({ units: 3 }).apply(joined) as SymbolicTensor });
}

/** Models in models, both kinds in both. */
export function nestedModel(tf: TensorFlow): LayersModel {
  const inner = (units: number) => {
    const input = tf.input({ shape: [6] });
    const hidden = tf.layers.dense({ units, activation: 'elu' }).apply(input) as SymbolicTensor;
    const output = tf.layers.dense({ units: 6 }).apply(hidden) as SymbolicTensor;
    return tf.model({ inputs: input, outputs: tf.layers.add().apply([input, output]) as SymbolicTensor });
  };
  const block = tf.sequential({
    layers: [
      tf.layers.dense({ units: 6, inputShape: [6], activation: 'selu' }),
      tf.layers.batchNormalization(),
      inner(4),
    ],
  });
  const input = tf.input({ shape: [6] });
  const first = inner(3).apply(input) as SymbolicTensor;
  const second = block.apply(first) as SymbolicTensor;
  const last = inner(5);
  last.apply(second);
  return tf.model({ inputs: input, outputs: last.apply(second) as SymbolicTensor });
}

/** Words to a class: embedding, recurrent layers in a row, a bidirectional one, a layer at every step. */
export function recurrentModel(tf: TensorFlow): LayersModel {
  const recurrent = { units: 4, returnSequences: true, recurrentActivation: 'sigmoid' } as const;
  return tf.sequential({
    layers: [
      tf.layers.embedding({ inputDim: 20, outputDim: 5, inputLength: 7 }),
      tf.layers.lstm({ ...recurrent, dropout: 0.2, recurrentDropout: 0.1 }),
      tf.layers.gru(recurrent),
      tf.layers.simpleRNN({ units: 3, returnSequences: true }),
      tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 4, activation: 'softsign' }) }),
      tf.layers.bidirectional({
        layer: tf.layers.lstm({ units: 3, recurrentActivation: 'sigmoid' }),
        mergeMode: 'concat',
      }),
      tf.layers.dense({ units: 1, activation: 'sigmoid' }),
    ],
  });
}

/** Every other layer of the conversion table, each in a place where it changes the numbers. */
export function layerCollection(tf: TensorFlow): Readonly<Record<string, LayersModel>> {
  const layers = tf.layers;
  const image = { inputShape: [9, 9, 2] };
  const end = () => [layers.flatten(), layers.dense({ units: 2, activation: 'softplus' })];
  return {
    pictures: tf.sequential({
      layers: [
        layers.zeroPadding2d({ ...image, padding: [[1, 2], [0, 1]] }), // biome-ignore format: pairs read better
        layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, strides: 1, activation: 'relu6' }),
        layers.leakyReLU({ alpha: 0.2 }),
        layers.separableConv2d({ filters: 5, kernelSize: 3, padding: 'same', depthMultiplier: 2 }),
        layers.layerNormalization({ axis: -1 }),
        layers.prelu({ sharedAxes: [1, 2] }),
        layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
        layers.gaussianNoise({ stddev: 0.3 }),
        layers.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, padding: 'same' }),
        layers.elu(),
        layers.cropping2D({ cropping: [[1, 0], [0, 2]] }), // biome-ignore format: pairs read better
        layers.upSampling2d({ size: [2, 2] }),
        layers.conv2d({ filters: 3, kernelSize: 2, dilationRate: 2, activation: 'mish' }),
        layers.batchNormalization({ scale: false, epsilon: 0.01, trainable: false }),
        layers.gaussianDropout({ rate: 0.2 }),
        layers.alphaDropout({ rate: 0.2 }),
        ...end(),
      ],
    }),
    sequences: tf.sequential({
      layers: [
        layers.rescaling({ inputShape: [12, 3], scale: 2, offset: -0.5 }),
        layers.conv1d({ filters: 4, kernelSize: 3, activation: 'swish' }),
        layers.maxPooling1d({ poolSize: 2 }),
        layers.spatialDropout1d({ rate: 0.3 }),
        layers.activation({ activation: 'gelu' }),
        layers.permute({ dims: [2, 1] }),
        layers.reshape({ targetShape: [10, 2] }),
        layers.averagePooling1d({ poolSize: 2, strides: 1 }),
        layers.softmax({ axis: -1 }),
        layers.globalMaxPooling1d({}),
        layers.repeatVector({ n: 3 }),
        layers.globalAveragePooling1d({}),
        layers.dense({ units: 2, activation: 'logSoftmax' as 'softmax' }),
      ],
    }),
    volumes: tf.sequential({
      layers: [
        layers.conv3d({ inputShape: [6, 6, 6, 1], filters: 2, kernelSize: 3, activation: 'relu' }),
        layers.maxPooling3d({ poolSize: 2 }),
        layers.averagePooling3d({ poolSize: 2, strides: 1 }),
        ...end(),
      ],
    }),
    merges: mergingModel(tf),
    masked: tf.sequential({
      layers: [
        layers.masking({ inputShape: [6, 2], maskValue: 0 }),
        layers.simpleRNN({ units: 3 }),
        layers.dense({ units: 1 }),
      ],
    }),
  };
}

function mergingModel(tf: TensorFlow): LayersModel {
  const input = tf.input({ shape: [4] });
  const branch = () => tf.layers.dense({ units: 3 }).apply(input) as SymbolicTensor;
  const merged = [tf.layers.maximum(), tf.layers.minimum(), tf.layers.multiply(), tf.layers.average()].map(
    (layer) => layer.apply([branch(), branch()]) as SymbolicTensor,
  );
  const joined = tf.layers.concatenate({ axis: -1 }).apply(merged) as SymbolicTensor;
  const limited = tf.layers.reLU({ maxValue: 0.5 }).apply(joined) as SymbolicTensor;
  return tf.model({ inputs: input, outputs: tf.layers.dense({ units: 2 }).apply(limited) as SymbolicTensor });
}
