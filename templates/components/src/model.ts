import { type CompiledModel, classOutput, glorotUniform, ModelBuilder, type ModelTask, z } from 'slipway/trainer';

const parameters = z.strictObject({
  filters: z
    .int()
    .min(1)
    .max(512)
    .default(8)
    .describe('Filters of the first convolution; the second has twice as many.'),
  dropout_rate: z.number().min(0).max(0.9).default(0.2).describe('Share of the values that is left out in a step.'),
});

/** Two convolutions and what tells the classes. Layers with weights have names: MLflow and the exported model show them. */
export class SmallNetwork extends ModelBuilder<z.output<typeof parameters>> {
  static override readonly parameters = parameters;

  override getCompiledModel({ tf, inputShape, classes }: ModelTask): CompiledModel {
    const { filters, dropout_rate: rate } = this.parameters;
    // Weights that depend on the seed and the layer alone, so that a run can be had again.
    const named = (name: string) => ({ name, kernelInitializer: glorotUniform(tf, this.setup.seed, name) });
    const { loss, ...output } = classOutput(classes);
    const { layers } = tf;
    const model = tf.sequential({
      name: 'small_network',
      layers: [
        layers.conv2d({
          ...named('convolution_1'),
          ...{ filters, kernelSize: 3, activation: 'relu', inputShape: [...inputShape] },
        }),
        layers.maxPooling2d({ name: 'pooling_1', poolSize: 2 }),
        layers.conv2d({ ...named('convolution_2'), filters: 2 * filters, kernelSize: 3, activation: 'relu' }),
        layers.maxPooling2d({ name: 'pooling_2', poolSize: 2 }),
        layers.flatten({ name: 'flatten' }),
        layers.dropout({ name: 'dropout', rate }),
        layers.dense({ ...named('score'), ...output }),
      ],
    });
    return { model, loss };
  }
}
