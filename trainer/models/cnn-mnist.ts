import { z } from 'zod';
import { UsageError } from '../../src/errors.ts';
import { type CompiledModel, ModelBuilder, type ModelTask } from '../components/model-builder.ts';
import { classOutput, glorotUniform } from './shared.ts';

const rate = (fallback: number, place: string) =>
  z.number().min(0).max(0.95).default(fallback).describe(`Share of the values that is left out in a step, ${place}.`);

const parameters = z.strictObject({
  pooling_dropout_rate: rate(0.25, 'after the pooling'),
  dense_dropout_rate: rate(0.5, 'after the dense layer'),
});

/** The two convolutions of 32 and 64 filters, pooling and 128 dense units with which Keras's example reads digits. */
export class CnnMnistBuilder extends ModelBuilder<z.output<typeof parameters>> {
  static override readonly parameters = parameters;

  override getCompiledModel({ tf, inputShape, classes }: ModelTask): CompiledModel {
    const [height, width] = inputShape;
    if (Math.min(height, width) < 6) {
      throw new UsageError(
        `The network cnn_mnist needs images of 6x6 pixels or more, but they have ${width}x${height}.`,
      );
    }
    const { seed } = this.setup;
    const trained = (name: string) => ({ name, kernelInitializer: glorotUniform(tf, seed, name) });
    const { pooling_dropout_rate: first, dense_dropout_rate: second } = this.parameters;
    const { loss, ...output } = classOutput(classes);
    const model = tf.sequential({
      name: 'cnn_mnist',
      layers: [
        tf.layers.conv2d({
          ...trained('convolution_1'),
          filters: 32,
          kernelSize: 3,
          activation: 'relu',
          inputShape: [...inputShape],
        }),
        tf.layers.conv2d({ ...trained('convolution_2'), filters: 64, kernelSize: 3, activation: 'relu' }),
        tf.layers.maxPooling2d({ name: 'pooling', poolSize: 2 }),
        tf.layers.dropout({ name: 'dropout_1', rate: first }),
        tf.layers.flatten({ name: 'flatten' }),
        tf.layers.dense({ ...trained('dense'), units: 128, activation: 'relu' }),
        tf.layers.dropout({ name: 'dropout_2', rate: second }),
        tf.layers.dense({ ...trained('score'), ...output }),
      ],
    });
    return { model, loss };
  }
}
