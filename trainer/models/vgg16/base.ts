import type { SymbolicTensor } from '@tensorflow/tfjs-node-gpu';
import type { PixelRange } from '../../components/preprocessor.ts';
import type { TensorFlow } from '../../tensorflow/library.ts';
import { glorotUniform } from '../shared.ts';
import type { WantedLayer } from './weights-file.ts';

/** Filters and convolutions of the five blocks (Simonyan and Zisserman 2014, https://arxiv.org/abs/1409.1556, table 1, D). */
const blocks = [
  { name: 'block1', filters: 64, convolutions: 2 },
  { name: 'block2', filters: 128, convolutions: 2 },
  { name: 'block3', filters: 256, convolutions: 3 },
  { name: 'block4', filters: 512, convolutions: 3 },
  { name: 'block5', filters: 512, convolutions: 3 },
] as const;

export const blockNames = blocks.map(({ name }) => name);

export type BlockName = (typeof blocks)[number]['name'];

/** Means of ImageNet's blue, green and red, from 0 to 255 (`preprocess_input` of Keras in its mode caffe). */
const imagenetMeans = [103.939, 116.779, 123.68] as const;

/** What becomes of the weights of the blocks. */
export interface BaseOptions {
  readonly seed: number;
  /** Whether weights are drawn; else they are zeros, to be set. */
  readonly isRandom: boolean;
  /** The first block that is trained; null where none is. */
  readonly trainedFrom: BlockName | null;
}

/** The convolutions in their order, as a file of weights knows them. */
export function convolutionsOf(): WantedLayer[] {
  let channels = 3;
  return blocks.flatMap(({ name, filters, convolutions }) =>
    Array.from({ length: convolutions }, (_, index) => {
      const kernelShape = [3, 3, channels, filters];
      channels = filters;
      return { name: `${name}_conv${index + 1}`, kernelShape };
    }),
  );
}

/** The blocks, with the layers' names in Keras: `[batch, height, width, 3]` to `[batch, height / 32, width / 32, 512]`. */
export function applyBlocks(tf: TensorFlow, input: SymbolicTensor, options: BaseOptions): SymbolicTensor {
  const { seed, isRandom, trainedFrom } = options;
  let values = input;
  let trainable = false;
  for (const { name: block, filters, convolutions } of blocks) {
    trainable ||= block === trainedFrom;
    for (let index = 1; index <= convolutions; index += 1) {
      const name = `${block}_conv${index}`;
      // As Keras draws them; inputs of up to 150 have shrunk to the size of the features by the last layer.
      const kernelInitializer = isRandom ? glorotUniform(tf, seed, name) : 'zeros';
      values = tf.layers
        .conv2d({ name, filters, kernelSize: 3, padding: 'same', activation: 'relu', kernelInitializer, trainable })
        .apply(values) as SymbolicTensor;
    }
    values = tf.layers
      .maxPooling2d({ name: `${block}_pool`, poolSize: 2, strides: 2, trainable })
      .apply(values) as SymbolicTensor;
  }
  return values;
}

/**
 * What Keras's `preprocess_input` does for VGG16, as a layer, so that every exported model holds it: pixels as they come
 * from the preprocessor, red, green, blue or grey, become blue, green, red from 0 to 255 without ImageNet's means. It is a
 * convolution of 1x1, since all formats know that; grey counts as all three colours.
 */
export function applyPreprocessing(tf: TensorFlow, input: SymbolicTensor, { low, high }: PixelRange): SymbolicTensor {
  const channels = input.shape.at(-1) as number;
  const scale = 255 / (high - low);
  const colors = [0, 1, 2];
  // Row by row: input channel, then output channel.
  const kernel = Array.from({ length: channels }, (_, from) =>
    colors.map((to) => (channels === 1 || from === 2 - to ? scale : 0)),
  );
  const bias = imagenetMeans.map((mean) => -low * scale - mean);
  const layer = tf.layers.conv2d({
    name: 'preprocessing',
    filters: 3,
    kernelSize: 1,
    kernelInitializer: 'zeros',
    trainable: false,
  });
  const values = layer.apply(input) as SymbolicTensor;
  tf.tidy(() => layer.setWeights([tf.tensor4d(kernel.flat(), [1, 1, channels, 3]), tf.tensor1d(bias)]));
  return values;
}
