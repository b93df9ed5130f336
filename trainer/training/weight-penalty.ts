import type { LayersModel, Scalar, TensorFlow, Variable } from '../tensorflow/library.ts';

/** What large weights cost. */
export interface WeightPenalty {
  /** Factor of the sum of the absolute weights. */
  readonly l1: number;
  /** Factor of the sum of the squared weights. */
  readonly l2: number;
}

/** Ends of the names of weights that multiply: biases and what belongs to a normalization cost nothing. */
const multiplying = /(kernel|embeddings)$/;

/**
 * l1 * sum(|w|) + l2 * sum(w^2) over the kernels that are trained, which is what `keras.regularizers.L1L2` as the kernel
 * regularizer of every layer adds (Keras 3.15, `src/regularizers/regularizers.py`).
 */
export function weightPenalty(tf: TensorFlow, model: LayersModel, { l1, l2 }: WeightPenalty): Scalar {
  return tf.tidy(() => {
    const kernels = model.trainableWeights.filter(({ originalName }) => multiplying.test(originalName));
    return kernels
      .map((weight) => weight.read() as Variable)
      .map((kernel) => {
        const absolute = l1 === 0 ? tf.scalar(0) : tf.mul(l1, tf.sum(tf.abs(kernel)));
        return l2 === 0 ? absolute : tf.add(absolute, tf.mul(l2, tf.sum(tf.square(kernel))));
      })
      .reduce((sum, one) => tf.add(sum, one), tf.scalar(0)) as Scalar;
  });
}

/**
 * What the regularizers of the layers themselves add. tfjs's `calculateLosses` gives nothing for a sequential network that
 * has predicted nothing yet (its list of nodes is only then filled), so the layers are asked one by one.
 */
export function layerPenalties({ layers }: Pick<LayersModel, 'layers'>): Scalar[] {
  return layers.flatMap((layer) => {
    const inner = (layer as { readonly layers?: LayersModel['layers'] }).layers;
    return inner === undefined ? (layer.calculateLosses() as Scalar[]) : layerPenalties({ layers: inner });
  });
}
