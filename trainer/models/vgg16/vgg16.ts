import type { SymbolicTensor } from '@tensorflow/tfjs-node-gpu';
import { z } from 'zod';
import { errorCode, UsageError } from '../../../src/errors.ts';
import { type CompiledModel, ModelBuilder, type ModelTask } from '../../components/model-builder.ts';
import { fromStoragePath } from '../../storage-path.ts';
import type { LayersModel, TensorFlow } from '../../tensorflow/library.ts';
import { classOutput, glorotUniform } from '../shared.ts';
import { applyBlocks, applyPreprocessing, type BlockName, blockNames, convolutionsOf } from './base.ts';
import { checksumWarning, weightsHint } from './published-weights.ts';
import { readConvolutions } from './weights-file.ts';

const parameters = z.strictObject({
  weights: z
    .string()
    .default('')
    .describe("Keras's file of VGG16's weights (HDF5); the word random draws them from the seed."),
  fine_tune_from: z
    .enum(['', ...blockNames])
    .default('')
    .describe('Block from which on the convolutions are trained, too; empty: none of them is.'),
  pooling: z
    .enum(['flatten', 'average'])
    .default('flatten')
    .describe('What the dense layers get of the features: all of them, or the mean of each over the image.'),
  dense_units: z
    .array(z.int().min(1).max(65_536))
    .default([256])
    .describe('Units of each dense layer on top, each with relu; empty: none.'),
  dropout_rate: z
    .number()
    .min(0)
    .max(0.95)
    .default(0.5)
    .describe('Share of the values that is left out in a step behind each dense layer.'),
});

/** Five times max pooling halves an image: a smaller one would be pooled away. */
const smallestSize = 32;

/**
 * VGG16 (https://arxiv.org/abs/1409.1556) with dense layers of its own on top: the convolutions keep the weights that they
 * come with, or are trained from a block on.
 */
export class Vgg16Builder extends ModelBuilder<z.output<typeof parameters>> {
  static override readonly parameters = parameters;

  override checkParameters(): void {
    if (this.parameters.weights !== '') return;
    throw new UsageError('The network vgg16 needs a file of its weights, and model_builder.weights names none.', {
      hint: weightsHint,
    });
  }

  override checkImageSize(height: number, width: number): void {
    if (Math.min(height, width) >= smallestSize) return;
    throw new UsageError(
      `The network vgg16 needs images of ${smallestSize}x${smallestSize} pixels or more, but they have ${width}x${height}.`,
      { hint: 'Raise image_size.' },
    );
  }

  override async getCompiledModel({ tf, inputShape, classes, pixelRange }: ModelTask): Promise<CompiledModel> {
    const [height, width, channels] = inputShape;
    this.checkParameters();
    this.checkImageSize(height, width);
    if (channels !== 1 && channels !== 3) {
      throw new UsageError(
        `The network vgg16 takes images in red, green and blue, or grey, but they have ${channels} channels.`,
      );
    }
    if (pixelRange == null) {
      throw new UsageError(
        'The network vgg16 takes pixels of 8 or 16 bits in the scale of the preprocessor standard, but its inputs are other numbers.',
      );
    }
    const { weights, fine_tune_from: from } = this.parameters;
    const { seed } = this.setup;
    const isRandom = weights === 'random';
    const image = tf.input({ shape: [...inputShape], name: 'image' });
    const base = { seed, isRandom, trainedFrom: from === '' ? null : (from as BlockName) };
    const features = applyBlocks(tf, applyPreprocessing(tf, image, pixelRange), base);
    const { loss, ...output } = classOutput(classes);
    const layers = this.#headLayers(tf, output);
    const model = tf.model({ inputs: image, outputs: applyAll(layers, features), name: 'vgg16' });
    try {
      if (!isRandom) await this.#readWeights(tf, model, weights);
    } catch (error) {
      model.dispose();
      throw error;
    }
    if (from !== '') return { model, loss };
    const given = tf.input({ shape: features.shape.slice(1) as number[], name: 'features' });
    return {
      model,
      loss,
      frozenBase: {
        base: tf.model({ inputs: image, outputs: features, name: 'vgg16_base' }),
        head: tf.model({ inputs: given, outputs: applyAll(layers, given), name: 'vgg16_head' }),
      },
    };
  }

  #headLayers(tf: TensorFlow, output: Omit<ReturnType<typeof classOutput>, 'loss'>): Layer[] {
    const { pooling, dense_units: units, dropout_rate: rate } = this.parameters;
    const initialized = (name: string) => ({
      name,
      kernelInitializer: glorotUniform(tf, this.setup.seed, name),
    });
    const dense = units.flatMap((size, index) => [
      tf.layers.dense({ ...initialized(`dense_${index + 1}`), units: size, activation: 'relu' }),
      ...(rate > 0 ? [tf.layers.dropout({ name: `dropout_${index + 1}`, rate })] : []),
    ]);
    return [
      pooling === 'flatten'
        ? tf.layers.flatten({ name: 'flatten' })
        : tf.layers.globalAveragePooling2d({ name: 'average' }),
      ...dense,
      tf.layers.dense({ ...initialized('score'), ...output }),
    ];
  }

  async #readWeights(tf: TensorFlow, model: LayersModel, location: string): Promise<void> {
    const file = fromStoragePath(location, this.setup.storageDirectory);
    let warning: string | null;
    try {
      warning = await checksumWarning(file);
    } catch (error) {
      const why = errorCode(error) === 'ENOENT' ? 'does not exist' : `cannot be read: ${(error as Error).message}`;
      throw new UsageError(`The weights file ${file} ${why}.`, { hint: weightsHint, cause: error });
    }
    await readConvolutions(file, convolutionsOf(), ({ name, kernelShape }, kernel, bias) => {
      tf.tidy(() => model.getLayer(name).setWeights([tf.tensor(kernel, [...kernelShape]), tf.tensor1d(bias)]));
    });
    if (warning !== null) this.setup.warn(warning);
  }
}

type Layer = LayersModel['layers'][number];

function applyAll(layers: readonly Layer[], input: SymbolicTensor): SymbolicTensor {
  return layers.reduce((values, layer) => layer.apply(values) as SymbolicTensor, input);
}
