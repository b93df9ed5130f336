import { z } from 'zod';
import {
  createOptimizer,
  decayRate,
  epsilon as epsilonParameter,
  type OptimizerDefinition,
  weightDecayParameters,
} from './optimizer.ts';

const parameters = z.strictObject({
  rho: decayRate(0.95, 'Share of the averages of squared gradients and squared movements that a step keeps.'),
  epsilon: epsilonParameter,
  ...weightDecayParameters(0),
});

/**
 * Adadelta (Zeiler 2012, https://arxiv.org/abs/1212.5701), as `keras.optimizers.Adadelta` of Keras 3.15,
 * `src/optimizers/adadelta.py`, has it: with a learning rate, which is 1 in the paper.
 */
export const adadelta: OptimizerDefinition<typeof parameters> = {
  name: 'adadelta',
  defaultLearningRate: 0.001,
  parameters,
  create(tf, variables, given) {
    const { rho, epsilon } = given;
    return createOptimizer<'accumulated_grad' | 'accumulated_delta_var'>(tf, variables, {
      slots: { accumulated_grad: 0, accumulated_delta_var: 0 },
      weightDecay: given,
      update({ variable, gradient, rate, slots }) {
        const { accumulated_grad: gradients, accumulated_delta_var: movements } = slots;
        gradients.assign(tf.add(tf.mul(gradients, rho), tf.mul(tf.square(gradient), 1 - rho)));
        const size = tf.sqrt(tf.add(gradients, epsilon));
        const movement = tf.div(tf.mul(tf.sqrt(tf.add(movements, epsilon)), gradient), size);
        movements.assign(tf.add(tf.mul(movements, rho), tf.mul(tf.square(movement), 1 - rho)));
        variable.assign(tf.sub(variable, tf.mul(movement, rate)));
      },
    });
  },
};
