import { z } from 'zod';
import {
  createOptimizer,
  decayRate,
  epsilon as epsilonParameter,
  momentumRate,
  type OptimizerDefinition,
  weightDecayParameters,
} from './optimizer.ts';

const parameters = z.strictObject({
  rho: decayRate(0.9, 'Share of the average of squared gradients that a step keeps.'),
  momentum: momentumRate(0),
  epsilon: epsilonParameter,
  centered: z
    .boolean()
    .default(false)
    .describe("Whether a gradient is divided by the root of its variance, in place of its square's average."),
  ...weightDecayParameters(0),
});

/**
 * RMSprop (Hinton 2012, lecture 6e; centred: Graves 2013), as `keras.optimizers.RMSprop` of Keras 3.15,
 * `src/optimizers/rmsprop.py`, has it: epsilon is added below the root.
 */
export const rmsprop: OptimizerDefinition<typeof parameters> = {
  name: 'rmsprop',
  defaultLearningRate: 0.001,
  parameters,
  create(tf, variables, given) {
    const { rho, momentum, epsilon, centered } = given;
    return createOptimizer<'velocity' | 'momentum' | 'average_gradient'>(tf, variables, {
      slots: { velocity: 0, ...(momentum > 0 ? { momentum: 0 } : {}), ...(centered ? { average_gradient: 0 } : {}) },
      weightDecay: given,
      update({ variable, gradient, rate, slots }) {
        const { velocity, momentum: movement, average_gradient: average } = slots;
        velocity.assign(tf.add(tf.mul(velocity, rho), tf.mul(tf.square(gradient), 1 - rho)));
        if (centered) average.assign(tf.add(tf.mul(average, rho), tf.mul(gradient, 1 - rho)));
        const variance = centered ? tf.sub(velocity, tf.square(average)) : velocity;
        const descent = tf.div(tf.mul(gradient, rate), tf.sqrt(tf.add(variance, epsilon)));
        if (momentum > 0) movement.assign(tf.add(tf.mul(movement, momentum), descent));
        variable.assign(tf.sub(variable, momentum > 0 ? movement : descent));
      },
    });
  },
};
