import { z } from 'zod';
import type { TensorFlow, Variable } from '../../tensorflow/library.ts';
import {
  createOptimizer,
  momentumRate,
  type Optimizer,
  type OptimizerDefinition,
  weightDecayParameters,
} from './optimizer.ts';

/** The parameters of gradient descent, with the momentum that it has where none is given. */
export function gradientDescentParameters(momentum: number) {
  return z.strictObject({
    momentum: momentumRate(momentum),
    nesterov: z.boolean().default(false).describe('Whether the gradient counts where the momentum leads (Nesterov).'),
    ...weightDecayParameters(0),
  });
}

/**
 * Stochastic gradient descent with momentum (Polyak 1964; Sutskever et al. 2013 for Nesterov's), as
 * `keras.optimizers.SGD` of Keras 3.15, `src/optimizers/sgd.py`, has it: the momentum holds movements, not gradients.
 */
export function createGradientDescent(
  tf: TensorFlow,
  variables: readonly Variable[],
  parameters: z.output<ReturnType<typeof gradientDescentParameters>>,
): Optimizer {
  const { momentum, nesterov } = parameters;
  return createOptimizer<'momentum'>(tf, variables, {
    slots: momentum === 0 ? {} : { momentum: 0 },
    weightDecay: parameters,
    update({ variable, gradient, rate, slots }) {
      const descent = tf.mul(gradient, rate);
      if (momentum === 0) {
        variable.assign(tf.sub(variable, descent));
        return;
      }
      const movement = slots.momentum;
      movement.assign(tf.sub(tf.mul(movement, momentum), descent));
      variable.assign(tf.add(variable, nesterov ? tf.sub(tf.mul(movement, momentum), descent) : movement));
    },
  });
}

const parameters = gradientDescentParameters(0);

/** Stochastic gradient descent: `keras.optimizers.SGD`, without momentum where none is given. */
export const sgd: OptimizerDefinition<typeof parameters> = {
  name: 'sgd',
  defaultLearningRate: 0.01,
  parameters,
  create: createGradientDescent,
};
