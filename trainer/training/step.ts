import type { LossName } from '../components/model-builder.ts';
import { outputActivation, trainableVariables, trainingOutput } from '../network/forward.ts';
import { asScores, losses } from '../network/loss.ts';
import type { LayersModel, Scalar, Tensor, Tensor1D, Tensor2D, TensorFlow, Variable } from '../tensorflow/library.ts';
import { type Clipping, clipGradients } from './clipping.ts';
import { layerPenalties, type WeightPenalty, weightPenalty } from './weight-penalty.ts';

/** What moves the variables: an update from their gradients, in the variables' order. */
export interface Update {
  apply(gradients: readonly Tensor[], learningRate: Scalar, step: Scalar): void;
}

/** What a step trains, and how. */
export interface StepSetup {
  readonly model: LayersModel;
  readonly loss: LossName;
  readonly labelSmoothing: number;
  /** How gradients are kept small; null where they are left as they are. */
  readonly clipping: Clipping | null;
  /** What large weights cost, besides what layers say themselves; null where they cost nothing. */
  readonly penalty: WeightPenalty | null;
  readonly optimizer: Update;
}

/** Everything a step reads besides the network: tensors, so that a recorded step could be fed the same way. */
export interface StepInputs {
  /** [batch, …input shape], float32. */
  readonly inputs: Tensor;
  /** [batch] labels, or [batch, …output shape] values, float32. */
  readonly targets: Tensor;
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
  /** Weighted mean of the loss, with what the layers' regularizers add. */
  readonly loss: Scalar;
  /** [batch, outputs]: what the network gave before the update; of classes their probabilities. */
  readonly scores: Tensor2D;
};

/** The smallest positive number that 32 bits hold with all digits. */
const smallestNumber = 2 ** -126;

/**
 * One training step: scores the batch, and moves the variables against the gradient of its loss.
 * Reads nothing back from the device, so that it can run ahead of the loop.
 */
export function trainingStep(tf: TensorFlow, setup: StepSetup, inputs: StepInputs): StepResult {
  const { model, loss, labelSmoothing, clipping, penalty, optimizer } = setup;
  return tf.tidy(() => {
    const variables = trainableVariables(model);
    const activation = outputActivation(model);
    let scores: Tensor2D | undefined;
    const { value, grads } = tf.variableGrads(() => {
      const output = trainingOutput(tf, model, inputs.inputs, inputs);
      scores = tf.keep(asScores(tf, output, loss, activation));
      const each = losses[loss](tf, { output, activation, targets: inputs.targets, labelSmoothing });
      // A batch may hold samples of weight 0 alone: nothing divided by nothing would be no number.
      const total = tf.maximum(tf.sum(inputs.weights), smallestNumber);
      const mean = tf.div(tf.sum(tf.mul(each, inputs.weights)), total) as Scalar;
      const cost: Scalar = penalty === null ? mean : tf.add(mean, weightPenalty(tf, model, penalty));
      return layerPenalties(model).reduce((sum, own) => tf.add(sum, own), cost) as Scalar;
    }, variables);
    const gradients = variables.map((variable: Variable) => grads[variable.name] as Tensor);
    const kept = clipping === null ? gradients : clipGradients(tf, gradients, clipping);
    optimizer.apply(kept, inputs.learningRate, inputs.step);
    return { loss: value, scores: scores as Tensor2D };
  });
}
