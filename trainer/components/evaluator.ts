import { Component } from './component.ts';

/**
 * How good one prediction is. `yTrue` is one-hot for classes, else what should have come out; `yPred` is what the network
 * gave: the probability of each class, or values.
 */
export type EvaluationFunction = (yTrue: Float32Array, yPred: Float32Array) => number;

/** Says how good the predictions of validation and test are, data point by data point. */
export abstract class Evaluator<
  Parameters extends object = Readonly<Record<string, never>>,
> extends Component<Parameters> {
  /** Functions by the name of their column and metric; called for each data point. */
  abstract getEvalFuncs(): Readonly<Record<string, EvaluationFunction>>;
}
