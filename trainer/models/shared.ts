import type { LossName } from '../components/model-builder.ts';
import { hashKey } from '../random.ts';
import type { TensorFlow } from '../tensorflow/library.ts';

/** A seed for each layer of a network, from the training's. */
export function layerSeed(seed: number, layer: string): number {
  return hashKey([seed, 'weights', layer]) & 0x7fff_ffff;
}

/** Weights as Keras draws them by default, from a seed of the layer's own. */
export function glorotUniform(tf: TensorFlow, seed: number, layer: string) {
  return tf.initializers.glorotUniform({ seed: layerSeed(seed, layer) });
}

/** For layers with relu: weights as He et al. 2015 draw them (https://arxiv.org/abs/1502.01852). */
export function heNormal(tf: TensorFlow, seed: number, layer: string) {
  return tf.initializers.heNormal({ seed: layerSeed(seed, layer) });
}

/** How a network ends that tells classes: one probability of two classes, one for each of more. */
export function classOutput(classes: number): { units: number; activation: 'sigmoid' | 'softmax'; loss: LossName } {
  return classes === 2
    ? { units: 1, activation: 'sigmoid', loss: 'binary_crossentropy' }
    : { units: classes, activation: 'softmax', loss: 'categorical_crossentropy' };
}
