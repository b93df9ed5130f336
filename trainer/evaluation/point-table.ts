import type { EvaluationFunction } from '../components/evaluator.ts';
import { toCsv } from './charts/csv.ts';
import { type Predictions, predictedClass, probabilityOf } from './predictions.ts';

/** What evaluation functions say of a part of the data. */
export interface PointEvaluation {
  /** The table as CSV: a row a data point, in the order of the part. */
  readonly csv: string;
  /** The mean of each function over the data points. */
  readonly means: Readonly<Record<string, number>>;
}

/**
 * Each data point with its id, its true and its predicted class, the probability of each class, and the value of each
 * evaluation function. What an evaluation function throws goes up as it is.
 */
export function evaluatePoints(
  predictions: Predictions,
  functions: Readonly<Record<string, EvaluationFunction>>,
): PointEvaluation {
  const { ids, labels, classNames } = predictions;
  const names = Object.keys(functions);
  const sums = names.map(() => 0);
  const rows = ids.map((id, place) => {
    const { yTrue, yPred } = pointOf(predictions, place);
    const values = names.map((name, index) => {
      const value = (functions[name] as EvaluationFunction)(yTrue, yPred);
      sums[index] = (sums[index] as number) + value;
      return value;
    });
    const [actual, said] = [labels[place] as number, predictedClass(predictions, place)];
    return [id, classNames[actual] as string, classNames[said] as string, ...yPred, ...values];
  });
  const header = ['id', 'true_class', 'predicted_class', ...classNames.map((name) => `probability ${name}`), ...names];
  return {
    csv: toCsv([header, ...rows]),
    means: Object.fromEntries(names.map((name, index) => [name, (sums[index] as number) / ids.length])),
  };
}

/** The mean of each function over the data points. What a function throws goes up as it is. */
export function pointMeans(
  predictions: Predictions,
  functions: Readonly<Record<string, EvaluationFunction>>,
): Record<string, number> {
  const entries = Object.entries(functions);
  const sums = entries.map(() => 0);
  for (const place of predictions.labels.keys()) {
    const { yTrue, yPred } = pointOf(predictions, place);
    for (const [index, [, evaluate]] of entries.entries())
      sums[index] = (sums[index] as number) + evaluate(yTrue, yPred);
  }
  const count = predictions.labels.length;
  return Object.fromEntries(entries.map(([name], index) => [name, (sums[index] as number) / count]));
}

/** What evaluation functions get of a data point: its class one-hot, and the probability of each. */
function pointOf(predictions: Predictions, place: number): { yTrue: Float32Array; yPred: Float32Array } {
  const { labels, classNames } = predictions;
  const yTrue = new Float32Array(classNames.length);
  yTrue[labels[place] as number] = 1;
  return { yTrue, yPred: Float32Array.from(classNames, (_, label) => probabilityOf(predictions, place, label)) };
}
