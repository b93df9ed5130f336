import { z } from 'zod';
import { UsageError } from '../../src/errors.ts';
import { type CompiledModel, ModelBuilder, type ModelTask } from '../components/model-builder.ts';
import { classOutput, glorotUniform } from './shared.ts';

const parameters = z.strictObject({
  convolutions: z
    .int()
    .min(1)
    .max(8)
    .default(2)
    .describe('Convolutional layers, each followed by max pooling that halves the image.'),
  filters: z
    .array(z.int().min(1).max(4096))
    .min(1)
    .default([32, 64, 128, 256])
    .describe('Filters of each convolutional layer; further layers have as many as the last of these.'),
  dense_units: z.int().min(1).max(65_536).default(128).describe('Units of the dense layer before the last.'),
  dropout_rate: z.number().min(0).max(0.95).default(0.5).describe('Share of the units that is left out in a step.'),
});

/**
 * A small convolutional network: per convolution a 3x3 layer and max pooling, then dense units, dropout, and the
 * probability of the second of two classes, or of each of more.
 */
export class ConvolutionalBuilder extends ModelBuilder<z.output<typeof parameters>> {
  static override readonly parameters = parameters;

  override checkImageSize(height: number, width: number): void {
    checkConvolutions(this.parameters.convolutions, Math.min(height, width));
  }

  override getCompiledModel({ tf, inputShape, classes }: ModelTask): CompiledModel {
    const { convolutions, filters, dense_units: units, dropout_rate: rate } = this.parameters;
    const { seed } = this.setup;
    // It is the default, so that this is what a first table of numbers meets.
    if (inputShape[0] === 1) {
      throw new UsageError(`The network convolutional is for images, not for rows of ${inputShape[1]} numbers.`, {
        hint: 'Set model_builder_class to mlp or dnn.',
      });
    }
    this.checkImageSize(inputShape[0], inputShape[1]);
    const trained = (name: string) => ({ name, kernelInitializer: glorotUniform(tf, seed, name) });
    const model = tf.sequential({ name: 'convolutional' });
    for (let index = 0; index < convolutions; index += 1) {
      model.add(
        tf.layers.conv2d({
          ...trained(`convolution_${index + 1}`),
          filters: filters[index] ?? (filters.at(-1) as number),
          kernelSize: 3,
          padding: 'same',
          activation: 'relu',
          ...(index === 0 ? { inputShape: [...inputShape] } : {}),
        }),
      );
      model.add(tf.layers.maxPooling2d({ name: `pooling_${index + 1}`, poolSize: 2 }));
    }
    model.add(tf.layers.flatten({ name: 'flatten' }));
    model.add(tf.layers.dense({ ...trained('dense'), units, activation: 'relu' }));
    model.add(tf.layers.dropout({ name: 'dropout', rate }));
    const { loss, ...output } = classOutput(classes);
    model.add(tf.layers.dense({ ...trained('score'), ...output }));
    return { model, loss };
  }
}

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
