import { UsageError } from '../../src/errors.ts';
import { hashKey } from '../random.ts';
import type { LayersModel, TensorFlow } from '../tensorflow/library.ts';

/** What decides the network's form. */
export interface ConvolutionalOptions {
  readonly inputShape: readonly [height: number, width: number, channels: number];
  /** Convolutional layers, at least 1. */
  readonly convolutions: number;
  readonly seed: number;
}

const filterCounts = [32, 64, 128];
const furtherFilters = 256;
const denseUnits = 128;
const dropoutRate = 0.5;

/** Throws UsageError where the image would be pooled away. */
export function checkConvolutions(convolutions: number, imageSize: number): void {
  const most = Math.floor(Math.log2(imageSize));
  if (convolutions > most) {
    throw new UsageError(
      `Parameter convolutions is ${convolutions}, but an image of ${imageSize} pixels can be halved only ${most} times.`,
      { hint: 'Lower convolutions or raise image_size.' },
    );
  }
}

/**
 * A small convolutional network for two classes: per convolution a 3x3 layer (32, 64, 128, then 256 filters) and max
 * pooling, then 128 dense units, dropout, and one sigmoid output: the probability of the positive class.
 */
export function convolutionalModel(tf: TensorFlow, options: ConvolutionalOptions): LayersModel {
  const { inputShape, convolutions, seed } = options;
  const initializer = (layer: string): ReturnType<typeof tf.initializers.glorotUniform> =>
    tf.initializers.glorotUniform({ seed: hashKey([seed, 'weights', layer]) & 0x7fff_ffff });
  const model = tf.sequential({ name: 'convolutional' });
  for (let index = 0; index < convolutions; index += 1) {
    const name = `convolution_${index + 1}`;
    model.add(
      tf.layers.conv2d({
        name,
        filters: filterCounts[index] ?? furtherFilters,
        kernelSize: 3,
        padding: 'same',
        activation: 'relu',
        kernelInitializer: initializer(name),
        ...(index === 0 ? { inputShape: [...inputShape] } : {}),
      }),
    );
    model.add(tf.layers.maxPooling2d({ name: `pooling_${index + 1}`, poolSize: 2 }));
  }
  model.add(tf.layers.flatten({ name: 'flatten' }));
  model.add(
    tf.layers.dense({ name: 'dense', units: denseUnits, activation: 'relu', kernelInitializer: initializer('dense') }),
  );
  model.add(tf.layers.dropout({ name: 'dropout', rate: dropoutRate }));
  model.add(
    tf.layers.dense({ name: 'score', units: 1, activation: 'sigmoid', kernelInitializer: initializer('score') }),
  );
  return model;
}
