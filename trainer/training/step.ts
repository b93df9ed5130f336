import type { LayersModel, Scalar, Tensor, Tensor1D, Tensor4D, TensorFlow, Variable } from '../tensorflow/library.ts';
import { type AdamState, applyAdam } from './adam.ts';
import { trainableVariables, trainingLogits } from './forward.ts';

/** Everything a step reads besides the network: tensors, so that a recorded step could be fed the same way. */
export interface StepInputs {
  /** [batch, height, width, channels], float32. */
  readonly pixels: Tensor4D;
  /** [batch], float32, 0 or 1. */
  readonly labels: Tensor1D;
  /** [batch], float32. */
  readonly weights: Tensor1D;
  /** float32. */
  readonly learningRate: Scalar;
  /** int32, from 1, counted over all epochs. */
  readonly step: Scalar;
  /** int32. */
  readonly seed: Scalar;
}

/** What a step gives; the caller disposes both. */
export type StepResult = {
  /** Weighted mean of the log loss. */
  readonly loss: Scalar;
  /** [batch]: the probabilities of the positive class before the update. */
  readonly scores: Tensor1D;
};

/** The log loss of logits, in the form that neither overflows nor loses digits: max(z, 0) - z*y + log(1 + exp(-|z|)). */
function weightedLogLoss(tf: TensorFlow, logits: Tensor, labels: Tensor, weights: Tensor): Scalar {
  const losses = tf.add(tf.sub(tf.relu(logits), tf.mul(logits, labels)), tf.log1p(tf.exp(tf.neg(tf.abs(logits)))));
  return tf.div(tf.sum(tf.mul(losses, weights)), tf.sum(weights));
}

/**
 * One training step: scores the batch, and moves the variables against the gradient of its loss.
 * Reads nothing back from the device, so that it can run ahead of the loop.
 */
export function trainingStep(tf: TensorFlow, model: LayersModel, adam: AdamState, inputs: StepInputs): StepResult {
  return tf.tidy(() => {
    const variables = trainableVariables(model);
    let scores: Tensor1D | undefined;
    const { value, grads } = tf.variableGrads(() => {
      const logits = tf.squeeze<Tensor1D>(trainingLogits(tf, model, inputs.pixels, inputs), [1]);
      scores = tf.keep(tf.sigmoid(logits));
      return weightedLogLoss(tf, logits, inputs.labels, inputs.weights);
    }, variables);
    const gradients = variables.map((variable: Variable) => grads[variable.name] as Tensor);
    applyAdam(tf, adam, variables, gradients, inputs.learningRate, inputs.step);
    return { loss: value, scores: scores as Tensor1D };
  });
}
