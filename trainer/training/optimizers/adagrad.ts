import { z } from 'zod';
import {
  createOptimizer,
  epsilon as epsilonParameter,
  type OptimizerDefinition,
  weightDecayParameters,
} from './optimizer.ts';

const parameters = z.strictObject({
  initial_accumulator_value: z
    .number()
    .min(0)
    .default(0.1)
    .describe('Value from which the sum of squared gradients starts.'),
  epsilon: epsilonParameter,
  ...weightDecayParameters(0),
});

/**
 * Adagrad (Duchi et al. 2011, http://www.jmlr.org/papers/volume12/duchi11a/duchi11a.pdf), as `keras.optimizers.Adagrad`
 * of Keras 3.15, `src/optimizers/adagrad.py`, has it: epsilon is added below the root.
 */
export const adagrad: OptimizerDefinition<typeof parameters> = {
  name: 'adagrad',
  defaultLearningRate: 0.001,
  parameters,
  create(tf, variables, given) {
    const { initial_accumulator_value, epsilon } = given;
    return createOptimizer<'accumulator'>(tf, variables, {
      slots: { accumulator: initial_accumulator_value },
      weightDecay: given,
      update({ variable, gradient, rate, slots: { accumulator } }) {
        accumulator.assign(tf.add(accumulator, tf.square(gradient)));
        const size = tf.sqrt(tf.add(accumulator, epsilon));
        variable.assign(tf.sub(variable, tf.div(tf.mul(gradient, rate), size)));
      },
    });
  },
};
