import type { LossName } from '../components/model-builder.ts';
import type { Tensor, Tensor1D, Tensor2D, TensorFlow } from '../tensorflow/library.ts';
import type { OutputActivation } from './forward.ts';

/** Probabilities that did not come from logits here are kept this far from 0, as Keras's backend keeps them. */
const probabilityEpsilon = 1e-7;

/** What a loss is computed from. */
export interface LossInputs {
  /** [batch, outputs], before the activation that is named. */
  readonly output: Tensor;
  readonly activation: OutputActivation;
  /** [batch] labels, or as many values as there are outputs. */
  readonly targets: Tensor;
  /** 0 to 1: how much of the certainty of a label is spread over all classes. */
  readonly labelSmoothing: number;
}

/** The loss of each sample of a batch, [batch]. */
export type Loss = (tf: TensorFlow, inputs: LossInputs) => Tensor1D;

/** By name, as Keras calls them; the one of classes takes labels as they are, not one-hot. */
export const losses = {
  binary_crossentropy: binaryCrossentropy,
  categorical_crossentropy: categoricalCrossentropy,
  mean_squared_error: meanSquaredError,
} as const satisfies Record<LossName, Loss>;

/**
 * The log loss, the mean over the outputs of each sample (Keras 3.15, `src/losses/losses.py`). Of logits in the form that
 * neither overflows nor loses digits: max(z, 0) - z*y + log(1 + exp(-|z|)).
 */
function binaryCrossentropy(tf: TensorFlow, inputs: LossInputs): Tensor1D {
  const { output, activation, targets, labelSmoothing } = inputs;
  const isLogit = activation === 'sigmoid' || activation === 'linear';
  const given = isLogit ? output : activated(tf, output, activation);
  const [values, wanted] = [perSample(tf, given), perSample(tf, smoothed(tf, targets, labelSmoothing, 2))];
  return tf.mean((isLogit ? logLossOfLogits : logLossOfProbabilities)(tf, values, wanted), -1);
}

function logLossOfLogits(tf: TensorFlow, logits: Tensor, wanted: Tensor): Tensor {
  return tf.add(tf.sub(tf.relu(logits), tf.mul(logits, wanted)), tf.log1p(tf.exp(tf.neg(tf.abs(logits)))));
}

function logLossOfProbabilities(tf: TensorFlow, values: Tensor, wanted: Tensor): Tensor {
  const probabilities = tf.clipByValue(values, probabilityEpsilon, 1 - probabilityEpsilon);
  const ofOne = tf.mul(wanted, tf.log(probabilities));
  return tf.neg(tf.add(ofOne, tf.mul(tf.sub(1, wanted), tf.log(tf.sub(1, probabilities)))));
}

/** The mean over the outputs of each sample of their squared differences (Keras 3.15, `src/losses/losses.py`). */
function meanSquaredError(tf: TensorFlow, { output, activation, targets }: LossInputs): Tensor1D {
  const given = perSample(tf, activated(tf, output, activation));
  return tf.mean(tf.squaredDifference(given, perSample(tf, targets)), -1);
}

/** [batch, values]. */
function perSample(tf: TensorFlow, values: Tensor): Tensor2D {
  return tf.reshape(values, [values.shape[0] as number, -1]);
}

function categoricalCrossentropy(
  tf: TensorFlow,
  { output, activation, targets, labelSmoothing }: LossInputs,
): Tensor1D {
  const classes = output.shape.at(-1) as number;
  const logarithms =
    activation === 'softmax' || activation === 'linear'
      ? tf.logSoftmax(output)
      : tf.log(tf.clipByValue(activated(tf, output, activation), probabilityEpsilon, 1));
  const wanted = tf.oneHot(tf.cast(targets as Tensor1D, 'int32'), classes);
  return tf.neg(tf.sum(tf.mul(smoothed(tf, tf.cast(wanted, 'float32'), labelSmoothing, classes), logarithms), -1));
}

/** What the network gives, from what its last layer gives before the activation. */
function activated(tf: TensorFlow, output: Tensor, activation: OutputActivation): Tensor {
  if (activation === 'sigmoid') return tf.sigmoid(output);
  return activation === 'softmax' ? tf.softmax(output) : output;
}

/** y (1 - s) + s / classes, as Keras smooths labels. */
function smoothed(tf: TensorFlow, labels: Tensor, smoothing: number, classes: number): Tensor {
  return smoothing === 0 ? labels : tf.add(tf.mul(labels, 1 - smoothing), smoothing / classes);
}

/** What people read of an output, [batch, values]: probabilities where the loss is a log loss, also where the network gives logits. */
export function asScores(tf: TensorFlow, output: Tensor, loss: LossName, activation: OutputActivation): Tensor2D {
  const ofLogits = loss === 'binary_crossentropy' ? 'sigmoid' : loss === 'categorical_crossentropy' ? 'softmax' : null;
  const values = activated(tf, output, activation === 'linear' && ofLogits !== null ? ofLogits : activation);
  return perSample(tf, values);
}
