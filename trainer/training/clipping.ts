import type { Tensor, TensorFlow } from '../tensorflow/library.ts';

/** How gradients are kept from being too large. */
export interface Clipping {
  /** value: each number; norm: the gradient of each variable; global_norm: that of all variables together. */
  readonly by: 'value' | 'norm' | 'global_norm';
  /** Largest size of a number, or largest length (L2); more than 0. */
  readonly limit: number;
}

type Clip = (tf: TensorFlow, gradients: readonly Tensor[], limit: number) => Tensor[];

/**
 * The gradients, none larger than the limit. The formulas are those of Keras 3.15, `_clip_gradients` in
 * `src/optimizers/base_optimizer.py`. Reads nothing back from the device; the caller disposes the result.
 */
export function clipGradients(tf: TensorFlow, gradients: readonly Tensor[], { by, limit }: Clipping): Tensor[] {
  return tf.tidy(() => clips[by](tf, gradients, limit));
}

/** Cuts each number to -limit to limit. */
const clipByValue: Clip = (tf, gradients, limit) =>
  gradients.map((gradient) => tf.minimum(tf.maximum(gradient, -limit), limit));

/** Shortens the gradient of each variable whose length is above the limit. */
const clipByNorm: Clip = (tf, gradients, limit) =>
  gradients.map((gradient) => {
    const length = tf.sqrt(tf.sum(tf.square(gradient)));
    return tf.div(tf.mul(gradient, limit), tf.maximum(length, limit));
  });

/**
 * Shortens all gradients by one factor where their length together is above the limit (Pascanu et al. 2013,
 * https://arxiv.org/abs/1211.5063). Where one number is not finite all become NaN, so that a divergence shows.
 */
const clipByGlobalNorm: Clip = (tf, gradients, limit) => {
  const length = tf.sqrt(tf.addN(gradients.map((gradient) => tf.sum(tf.square(gradient)))));
  const factor = tf.mul(tf.minimum(tf.div(1, length), 1 / limit), limit);
  const nothingOrNaN = tf.sub(length, length);
  return gradients.map((gradient) => tf.mul(gradient, tf.add(factor, nothingOrNaN)));
};

const clips: Readonly<Record<Clipping['by'], Clip>> = {
  value: clipByValue,
  norm: clipByNorm,
  global_norm: clipByGlobalNorm,
};
