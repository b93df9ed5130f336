import { Component } from './component.ts';
import type { TaskName } from './task.ts';

/**
 * How good one prediction is. Of a classification `yTrue` is one-hot and `yPred` the probability of each class; of a
 * reconstruction `yTrue` is the image as the network got it and `yPred` what it gave back, both [height * width *
 * channels], row by row, channels last. Both are lent for the call.
 */
export type EvaluationFunction = (yTrue: Float32Array, yPred: Float32Array) => number;

/** Says how good the predictions of validation and test are, data point by data point. */
export abstract class Evaluator<
  Parameters extends object = Readonly<Record<string, never>>,
> extends Component<Parameters> {
  /** The task whose predictions its functions are of; null where they take those of any. */
  get task(): TaskName | null {
    return null;
  }

  /** Functions by the name of their column and metric; called for each data point. */
  abstract getEvalFuncs(): Readonly<Record<string, EvaluationFunction>>;
}
