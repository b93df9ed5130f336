import { type EvaluationFunction, Evaluator } from '../../components/evaluator.ts';
import type { TaskName } from '../../components/task.ts';

/** How far the probabilities of a data point are from its class; the log loss is a metric of its own. */
export class ClassificationEvaluator extends Evaluator {
  override get task(): TaskName {
    return 'classification';
  }

  override getEvalFuncs(): Readonly<Record<string, EvaluationFunction>> {
    return { brier_score: brierScore };
  }
}

/** Sum of the squared differences (Brier 1950, over all classes: 0 to 2). */
function brierScore(yTrue: Float32Array, yPred: Float32Array): number {
  return yTrue.reduce((sum, wanted, label) => sum + (wanted - (yPred[label] as number)) ** 2, 0);
}
