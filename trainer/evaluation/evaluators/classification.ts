import { type EvaluationFunction, Evaluator } from '../../components/evaluator.ts';

/** A probability is kept this far from 0: what is computed in single precision cannot be told from it. */
const probabilityEpsilon = 2 ** -23;

/** How far the probabilities of a data point are from its class. */
export class ClassificationEvaluator extends Evaluator {
  override getEvalFuncs(): Readonly<Record<string, EvaluationFunction>> {
    return { cross_entropy: crossEntropy, brier_score: brierScore };
  }
}

/** -log of the probability of the right class. */
function crossEntropy(yTrue: Float32Array, yPred: Float32Array): number {
  let sum = 0;
  for (const [label, wanted] of yTrue.entries()) {
    if (wanted > 0) sum -= wanted * Math.log(Math.max(yPred[label] as number, probabilityEpsilon));
  }
  return sum;
}

/** Sum of the squared differences (Brier 1950, over all classes: 0 to 2). */
function brierScore(yTrue: Float32Array, yPred: Float32Array): number {
  return yTrue.reduce((sum, wanted, label) => sum + (wanted - (yPred[label] as number)) ** 2, 0);
}
