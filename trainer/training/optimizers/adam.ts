import { z } from 'zod';
import type { Scalar, TensorFlow, Variable } from '../../tensorflow/library.ts';
import {
  createOptimizer,
  decayRate,
  epsilon as epsilonParameter,
  type Optimizer,
  type OptimizerDefinition,
  weightDecayParameters,
} from './optimizer.ts';

/** The parameters of Adam, with the weight decay that it has where none is given. */
export function adamParameters(weightDecay: number) {
  return z.strictObject({
    beta_1: decayRate(0.9, 'Share of the average of gradients that a step keeps.'),
    beta_2: decayRate(0.999, 'Share of the average of squared gradients that a step keeps.'),
    epsilon: epsilonParameter,
    amsgrad: z
      .boolean()
      .default(false)
      .describe('Whether the largest average of squared gradients so far counts, in place of the present one.'),
    ...weightDecayParameters(weightDecay),
  });
}

/**
 * Adam (Kingma and Ba 2015, https://arxiv.org/abs/1412.6980, the form at the end of section 2; AMSGrad: Reddi et al.
 * 2018), as `keras.optimizers.Adam` of Keras 3.15, `src/optimizers/adam.py`, has it: AMSGrad takes the largest of the
 * averages before their bias is corrected.
 */
export function createAdam(
  tf: TensorFlow,
  variables: readonly Variable[],
  parameters: z.output<ReturnType<typeof adamParameters>>,
): Optimizer {
  const { beta_1, beta_2, epsilon, amsgrad } = parameters;
  return createOptimizer<'momentum' | 'velocity' | 'velocity_hat'>(tf, variables, {
    slots: { momentum: 0, velocity: 0, ...(amsgrad ? { velocity_hat: 0 } : {}) },
    weightDecay: parameters,
    rateAt(learningRate, step) {
      const power = tf.cast(step, 'float32');
      const firstCorrection = tf.sub(1, tf.pow(beta_1, power));
      const secondCorrection = tf.sub(1, tf.pow(beta_2, power));
      return tf.div(tf.mul(learningRate, tf.sqrt(secondCorrection)), firstCorrection) as Scalar;
    },
    update({ variable, gradient, rate, slots }) {
      const { momentum, velocity, velocity_hat: largest } = slots;
      momentum.assign(tf.add(momentum, tf.mul(tf.sub(gradient, momentum), 1 - beta_1)));
      velocity.assign(tf.add(velocity, tf.mul(tf.sub(tf.square(gradient), velocity), 1 - beta_2)));
      if (amsgrad) largest.assign(tf.maximum(largest, velocity));
      const size = tf.add(tf.sqrt(amsgrad ? largest : velocity), epsilon);
      variable.assign(tf.sub(variable, tf.div(tf.mul(momentum, rate), size)));
    },
  });
}

const parameters = adamParameters(0);

/** Adam: `keras.optimizers.Adam`. */
export const adam: OptimizerDefinition<typeof parameters> = {
  name: 'adam',
  defaultLearningRate: 0.001,
  parameters,
  create: createAdam,
};
