import { z } from 'zod';
import { type CompiledModel, ModelBuilder, type ModelTask } from '../components/model-builder.ts';
import { glorotUniform } from './shared.ts';

/** Parameters of a network of dense layers whose sizes are known. */
const parametersWith = (hidden: readonly number[]) =>
  z.strictObject({
    units: z
      .array(z.int().min(1).max(65_536))
      .min(1)
      .default([...hidden])
      .describe('Units of each hidden layer, each with relu.'),
    dropout_rate: z
      .number()
      .min(0)
      .max(0.95)
      .default(0)
      .describe('Share of the units of each hidden layer that is left out in a step.'),
  });

type DenseParameters = z.output<ReturnType<typeof parametersWith>>;

/** Flatten, hidden layers, and a number for each class that softmax makes a probability of (one number for two classes). */
abstract class DenseBuilder extends ModelBuilder<DenseParameters> {
  protected abstract readonly name: string;

  override getCompiledModel({ tf, inputShape, classes }: ModelTask): CompiledModel {
    const { units, dropout_rate: rate } = this.parameters;
    const { seed } = this.setup;
    const model = tf.sequential({ name: this.name });
    model.add(tf.layers.flatten({ name: 'flatten', inputShape: [...inputShape] }));
    for (const [index, size] of units.entries()) {
      const name = `dense_${index + 1}`;
      const kernelInitializer = glorotUniform(tf, seed, name);
      model.add(tf.layers.dense({ name, units: size, activation: 'relu', kernelInitializer }));
      if (rate > 0) model.add(tf.layers.dropout({ name: `dropout_${index + 1}`, rate }));
    }
    const kernelInitializer = glorotUniform(tf, seed, 'logits');
    model.add(tf.layers.dense({ name: 'logits', units: classes === 2 ? 1 : classes, kernelInitializer }));
    return { model, loss: classes === 2 ? 'binary_crossentropy' : 'categorical_crossentropy' };
  }
}

/** `mlp`: one hidden layer of 128 units. */
export class MlpBuilder extends DenseBuilder {
  static override readonly parameters = parametersWith([128]);

  protected override readonly name = 'mlp';
}

/** `dnn`: hidden layers of 256 and 64 units. */
export class DnnBuilder extends DenseBuilder {
  static override readonly parameters = parametersWith([256, 64]);

  protected override readonly name = 'dnn';
}
