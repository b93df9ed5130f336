import { nodeBackend, type OperationAttribute } from '../tensorflow/backend.ts';
import type { Scalar, Tensor, TensorFlow } from '../tensorflow/library.ts';

/** What decides a dropout mask: equal keys give equal masks. */
export interface DropoutKey {
  /** int32. */
  readonly seed: Scalar;
  /** int32: the training step, counted over all epochs. */
  readonly step: Scalar;
  /** The layer's place in the network. */
  readonly layer: number;
}

/** No network here has more layers. */
const layersAtMost = 256;

/** Uniform numbers in [0, 1) that depend on shape and key alone (TensorFlow's `StatelessRandomUniform`). */
function statelessUniform(tf: TensorFlow, shape: readonly number[], key: DropoutKey): Tensor {
  const backend = nodeBackend(tf);
  const { TF_ATTR_TYPE: type, TF_FLOAT, TF_INT32 } = backend.binding;
  const attributes: OperationAttribute[] = [
    { name: 'dtype', type, value: TF_FLOAT },
    { name: 'T', type, value: TF_INT32 },
    { name: 'Tseed', type, value: TF_INT32 },
  ];
  // Were the layer added to the seed, layer 1 of seed 1 would share its masks with layer 0 of seed 2.
  const place = tf.add(tf.mul(key.step, tf.scalar(layersAtMost, 'int32')), tf.scalar(key.layer, 'int32'));
  const seeds = tf.stack([key.seed, place]);
  return backend.executeSingleOutput('StatelessRandomUniform', attributes, [tf.tensor1d([...shape], 'int32'), seeds]);
}

/**
 * Sets a share `rate` of the values to 0 and scales the rest, so that the mean stays.
 * tfjs's own dropout, when seeded, gives the same mask at every step; this one is keyed by seed, step and layer.
 */
export function dropout(tf: TensorFlow, input: Tensor, rate: number, key: DropoutKey): Tensor {
  return tf.tidy(() => {
    const kept = tf.greaterEqual(statelessUniform(tf, input.shape, key), rate);
    return tf.mul(input, tf.mul(tf.cast(kept, 'float32'), 1 / (1 - rate)));
  });
}
