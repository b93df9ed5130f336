import { z } from 'zod';
import { type CompiledModel, ModelBuilder, type ModelTask } from '../components/model-builder.ts';
import type { TaskName } from '../components/task.ts';
import { glorotUniform } from './shared.ts';

const parameters = z
  .strictObject({
    units: z
      .array(z.int().min(1).max(65_536))
      .min(1)
      .default([256, 128, 256])
      .describe('Units of each hidden layer, each with relu; the smallest of them is what an image is packed into.'),
    output_activation: z
      .enum(['sigmoid', 'linear'])
      .default('sigmoid')
      .describe('What the last layer ends with: sigmoid gives values from 0 to 1, linear any.'),
    loss: z
      .enum(['mean_squared_error', 'binary_crossentropy'])
      .default('mean_squared_error')
      .describe('How far a reconstruction is from its image; binary_crossentropy takes values from 0 to 1.'),
  })
  .refine(({ output_activation, loss }) => output_activation === 'sigmoid' || loss !== 'binary_crossentropy', {
    path: ['loss'],
    error: 'expected mean_squared_error where output_activation is linear',
  });

/**
 * Dense layers that pack an image into fewer numbers and unpack it again: of 28x28 grey pixels 784-256-128-256-784. The
 * output has the shape of the input.
 */
export class AutoencoderBuilder extends ModelBuilder<z.output<typeof parameters>> {
  static override readonly parameters = parameters;

  override get task(): TaskName {
    return 'reconstruction';
  }

  override getCompiledModel({ tf, inputShape }: ModelTask): CompiledModel {
    const { units, output_activation: activation, loss } = this.parameters;
    const { seed } = this.setup;
    const model = tf.sequential({ name: 'autoencoder' });
    model.add(tf.layers.flatten({ name: 'flatten', inputShape: [...inputShape] }));
    for (const [index, size] of units.entries()) {
      const name = `dense_${index + 1}`;
      const kernelInitializer = glorotUniform(tf, seed, name);
      model.add(tf.layers.dense({ name, units: size, activation: 'relu', kernelInitializer }));
    }
    const [height, width, channels] = inputShape;
    const kernelInitializer = glorotUniform(tf, seed, 'pixels');
    model.add(tf.layers.dense({ name: 'pixels', units: height * width * channels, activation, kernelInitializer }));
    model.add(tf.layers.reshape({ name: 'reconstruction', targetShape: [...inputShape] }));
    return { model, loss };
  }
}
