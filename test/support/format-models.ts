import type { LayersModel, SymbolicTensor, Tensor, layers as tfLayers } from '@tensorflow/tfjs-node-gpu';
import { modelBuilders } from '../../trainer/models/index.ts';
import type { TensorFlow } from '../../trainer/tensorflow/library.ts';

/** What a model's output is to people: classes by label, or none. */
export interface FormatModel {
  readonly model: LayersModel;
  readonly classNames: readonly string[];
}

type LayerConstructor = new (configuration: object) => tfLayers.Layer;

/** Makes a class of layers out of what one computes. */
function layerClass(
  tf: TensorFlow,
  className: string,
  compute: (input: Tensor) => Tensor,
  shapeOf: (shape: readonly (number | null)[]) => (number | null)[] = (shape) => [...shape],
): LayerConstructor {
  const Layer = tf.layers.Layer as unknown as LayerConstructor;
  return class extends Layer {
    static readonly className = className;
    override computeOutputShape(shape: (number | null)[]) {
      return shapeOf(shape);
    }
    override call(inputs: Tensor | Tensor[]) {
      return compute([inputs].flat()[0] as Tensor);
    }
  } as unknown as LayerConstructor;
}

/** A layer that nobody but its author has: what the channels of an image have to do with each other. */
export function channelStatistics(tf: TensorFlow): LayerConstructor {
  return layerClass(
    tf,
    'ChannelStatistics',
    (image) => {
      const [batch, height, width, channels] = image.shape as [number, number, number, number];
      const pixels = tf.reshape(image, [batch, height * width, channels]);
      const centred = tf.sub(pixels, tf.mean(pixels, 1, true));
      const covariance = tf.matMul(centred, centred, true) as Tensor;
      const highest = tf.topk(tf.transpose(pixels, [0, 2, 1]), 3).values;
      const place = tf.tile(tf.expandDims(tf.range(0, channels), 0), [batch, 1]);
      const largest = tf.oneHot(tf.argMax(tf.mean(pixels, 1), 1) as Tensor, channels);
      const first = tf.add(tf.mean(highest, 2), tf.mul(tf.ones([batch, channels]), place));
      const second = tf.mul(
        largest,
        tf.sum(tf.div(covariance, tf.add(tf.norm(covariance, 'euclidean', [1, 2], true), 1)), 2),
      );
      return tf.concat([first, second], 1);
    },
    ([batch, , , channels]) => [batch ?? null, 2 * (channels ?? 0)],
  );
}

/** Layers whose forward pass no graph can hold for every batch, and what is said of each. */
export function layersWithoutGraph(tf: TensorFlow): Readonly<Record<string, readonly [LayerConstructor, RegExp]>> {
  const numbers = /it computes with numbers that JavaScript made anew/;
  const make = (name: string, compute: (input: Tensor) => Tensor) => layerClass(tf, name, compute);
  return {
    'reads its input': [
      make('Peeking', (input) => tf.mul(input, tf.max(input).dataSync()[0] ?? 0)),
      /it reads numbers of its input in JavaScript/,
    ],
    'divides by the size of the batch': [make('OfBatch', (input) => tf.mul(input, 1 / (input.shape[0] ?? 1))), numbers],
    'draws random numbers': [
      make('Noisy', (input) => tf.add(input, tf.randomUniform([input.shape[1] as number]))),
      numbers,
    ],
    'takes the batch apart': [
      make('Apart', (input) => tf.stack(tf.unstack(input).map((row) => tf.mul(row, 2)))),
      /what it computes depends on the size of the batch/,
    ],
  };
}

/** The trainer's own networks, built for small images; VGG16, which takes none, is compared by itself. */
export async function trainerModels(tf: TensorFlow): Promise<Readonly<Record<string, FormatModel>>> {
  const found: Record<string, FormatModel> = {};
  const inputShape = [12, 12, 3] as const;
  for (const [name, Builder] of Object.entries(modelBuilders)) {
    if (name === 'vgg16') continue;
    const builder = new Builder();
    const tellsClasses = builder.task === 'classification';
    for (const classNames of tellsClasses
      ? [
          ['no', 'yes'],
          ['a', 'b', 'c', 'd'],
        ]
      : [[]]) {
      const { model } = await builder.getCompiledModel({ tf, inputShape, classes: classNames.length });
      found[tellsClasses ? `${name}, ${classNames.length} classes` : name] = { model, classNames };
    }
  }
  return found;
}

/** Every layer that ONNX holds, in places where layout and padding change the numbers. */
export function onnxModels(tf: TensorFlow): Readonly<Record<string, FormatModel>> {
  const { layers } = tf;
  const classNames = ['a', 'b', 'c'];
  const branches = () => {
    const input = tf.input({ shape: [11, 9, 2] });
    const left = layers
      .conv2d({ filters: 4, kernelSize: [3, 2], strides: 2, padding: 'same', activation: 'relu6' })
      .apply(input) as SymbolicTensor;
    const right = layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' }).apply(input) as SymbolicTensor;
    const wide = layers
      .depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, padding: 'same', activation: 'swish' })
      .apply(right) as SymbolicTensor;
    const third = layers.leakyReLU().apply(wide) as SymbolicTensor;
    const merged = [layers.add(), layers.multiply(), layers.average(), layers.maximum(), layers.minimum()].map(
      (layer) => layer.apply([left, wide, third]) as SymbolicTensor,
    );
    const joined = layers.concatenate({ axis: -1 }).apply([right, ...merged]) as SymbolicTensor;
    const below = layers.concatenate({ axis: 1 }).apply([joined, joined]) as SymbolicTensor;
    const normal = layers.batchNormalization({ scale: false, epsilon: 0.01 }).apply(below) as SymbolicTensor;
    const mean = layers.globalAveragePooling2d({}).apply(normal) as SymbolicTensor;
    const most = layers.globalMaxPooling2d({}).apply(input) as SymbolicTensor;
    const all = layers.concatenate().apply([mean, most]) as SymbolicTensor;
    const output = layers.dense({ units: 3, activation: 'softmax' }).apply(all) as SymbolicTensor;
    return tf.model({ inputs: input, outputs: output });
  };
  const row = tf.sequential({
    layers: [
      layers.rescaling({ inputShape: [9, 8, 3], scale: 2, offset: -0.5 }),
      layers.zeroPadding2d({ padding: [[1, 2], [0, 3]] }), // biome-ignore format: pairs read better
      layers.conv2d({ filters: 4, kernelSize: 3, dilationRate: 2, useBias: false }),
      layers.batchNormalization({ trainable: false }),
      layers.leakyReLU({ alpha: 0.2 }),
      layers.zeroPadding2d({ padding: 1 }),
      layers.maxPooling2d({ poolSize: [3, 2], strides: 2, padding: 'same' }),
      layers.upSampling2d({ size: [2, 3] }),
      layers.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, padding: 'same', activation: 'tanh' }),
      layers.conv2dTranspose({ filters: 2, kernelSize: 2, strides: 3, padding: 'valid' }),
      layers.elu(),
      layers.softmax({ axis: -1 }),
      layers.reLU({ maxValue: 0.8 }),
      layers.gaussianNoise({ stddev: 0.1 }),
      layers.averagePooling2d({ poolSize: 4, strides: 4 }),
      layers.activation({ activation: 'softsign' }),
      layers.reshape({ targetShape: [165, 4] }),
      layers.dense({ units: 5, activation: 'selu' }),
      layers.flatten(),
      layers.dense({ units: 6, activation: 'softplus' }),
      layers.batchNormalization(),
      layers.dense({ units: 5, activation: 'elu' }),
      layers.dropout({ rate: 0.5 }),
      layers.dense({ units: 3, activation: 'logSoftmax' as 'softmax' }),
    ],
  });
  return {
    'onnx branches': { model: branches(), classNames },
    'onnx row': { model: row, classNames },
  };
}

/** Models that say nothing of classes: what they give has the shape of what they get. */
export function autoencoders(tf: TensorFlow): Readonly<Record<string, FormatModel>> {
  const { layers } = tf;
  const units = [64, 16, 64];
  const ofPixels = tf.sequential({
    layers: [
      ...units.map((count, index) =>
        layers.dense({ units: count, activation: 'relu', ...(index === 0 ? { inputShape: [100] } : {}) }),
      ),
      layers.dense({ units: 100, activation: 'sigmoid' }),
    ],
  });
  const ofImages = tf.sequential({
    layers: [
      layers.conv2d({ inputShape: [8, 8, 1], filters: 4, kernelSize: 3, strides: 2, padding: 'same' }),
      layers.conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' }),
      layers.conv2d({ filters: 1, kernelSize: 3, padding: 'same', activation: 'sigmoid' }),
    ],
  });
  const classNames = ['0', '1', '2'];
  return {
    'autoencoder of pixels': { model: ofPixels, classNames },
    'autoencoder of images': { model: ofImages, classNames: [] },
  };
}
