import { type EvaluationFunction, Evaluator } from '../../components/evaluator.ts';
import type { TaskName } from '../../components/task.ts';

/** How far the worst place of an image is from what it should be; the errors of all places are columns of their own. */
export class ReconstructionEvaluator extends Evaluator {
  override get task(): TaskName {
    return 'reconstruction';
  }

  override getEvalFuncs(): Readonly<Record<string, EvaluationFunction>> {
    return { largest_error: largestError };
  }
}

/** The largest absolute difference: small for an image like those of the training, large where something stands out. */
function largestError(yTrue: Float32Array, yPred: Float32Array): number {
  return yTrue.reduce((largest, wanted, place) => Math.max(largest, Math.abs(wanted - (yPred[place] as number))), 0);
}
