import type { Scalar, Tensor, TensorFlow, Variable } from '../tensorflow/library.ts';

/** Moments of every variable, in the variables' order. */
export interface AdamState {
  readonly firstMoments: readonly Variable[];
  readonly secondMoments: readonly Variable[];
}

const firstDecay = 0.9;
const secondDecay = 0.999;
const epsilon = 1e-7;

/** Fresh moments for variables; the caller disposes them. */
export function createAdamState(tf: TensorFlow, variables: readonly Variable[]): AdamState {
  const zeros = (): Variable[] =>
    variables.map((variable) => tf.tidy(() => tf.variable(tf.zeros(variable.shape), false)));
  return { firstMoments: zeros(), secondMoments: zeros() };
}

export function disposeAdamState(state: AdamState): void {
  for (const moment of [...state.firstMoments, ...state.secondMoments]) moment.dispose();
}

/**
 * One update by Adam (Kingma and Ba 2015, https://arxiv.org/abs/1412.6980, the form at the end of section 2).
 * The learning rate (float32) and the step (int32, from 1) are tensors: tfjs's own Adam bakes the rate in.
 */
export function applyAdam(
  tf: TensorFlow,
  state: AdamState,
  variables: readonly Variable[],
  gradients: readonly Tensor[],
  learningRate: Scalar,
  step: Scalar,
): void {
  tf.tidy(() => {
    const power = tf.cast(step, 'float32');
    const firstCorrection = tf.sub(1, tf.pow(firstDecay, power));
    const secondCorrection = tf.sub(1, tf.pow(secondDecay, power));
    const rate = tf.div(tf.mul(learningRate, tf.sqrt(secondCorrection)), firstCorrection);
    for (const [index, variable] of variables.entries()) {
      const gradient = gradients[index] as Tensor;
      const first = state.firstMoments[index] as Variable;
      const second = state.secondMoments[index] as Variable;
      first.assign(tf.add(tf.mul(first, firstDecay), tf.mul(gradient, 1 - firstDecay)));
      second.assign(tf.add(tf.mul(second, secondDecay), tf.mul(tf.square(gradient), 1 - secondDecay)));
      variable.assign(tf.sub(variable, tf.mul(rate, tf.div(first, tf.add(tf.sqrt(second), epsilon)))));
    }
  });
}
