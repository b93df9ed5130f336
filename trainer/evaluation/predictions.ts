import { threshold as binaryThreshold, scoreEpsilon } from './metrics.ts';

/** What a model said of a set of samples: all that pictures and tables are made of, for any number of classes. */
export interface Predictions {
  /** One a sample. */
  readonly ids: readonly string[];
  /** The class that is right, an index into `classNames`; one a sample. */
  readonly labels: Int32Array;
  /** [samples, classes], row by row. */
  readonly probabilities: Float32Array | Float64Array;
  /** At least 2. */
  readonly classNames: readonly string[];
  /** With two classes: from this probability on class 1 is said. Null: the largest probability decides. */
  readonly threshold: number | null;
}

/** What scores say of samples: one score a sample is the probability of class 1, else there is one for each class. */
export function predictionsOf(options: {
  readonly ids: readonly string[];
  readonly labels: ArrayLike<number>;
  readonly scores: Float32Array;
  readonly classNames: readonly string[];
}): Predictions {
  const { ids, scores, classNames } = options;
  const labels = Int32Array.from(options.labels);
  const outputs = labels.length === 0 ? 1 : scores.length / labels.length;
  const threshold = classNames.length === 2 ? binaryThreshold : null;
  if (outputs !== 1) return { ids, labels, probabilities: scores, classNames, threshold };
  // Twice the digits: 1 - score must not make scores near 0 equal.
  const probabilities = new Float64Array(labels.length * 2);
  for (let index = 0; index < labels.length; index += 1) {
    const score = scores[index] as number;
    probabilities[2 * index] = 1 - score;
    probabilities[2 * index + 1] = score;
  }
  return { ids, labels, probabilities, classNames, threshold };
}

/** The probability given to a class. */
export function probabilityOf(predictions: Predictions, sample: number, label: number): number {
  return predictions.probabilities[sample * predictions.classNames.length + label] as number;
}

/** The probabilities of one class, one a sample. */
export function scoresOf(predictions: Predictions, label: number): Float64Array {
  return Float64Array.from(predictions.labels, (_, sample) => probabilityOf(predictions, sample, label));
}

/** The class that is said of a sample. Probabilities that are not numbers never win; where none is one, it is class 0. */
export function predictedClass(predictions: Predictions, sample: number): number {
  const { classNames, threshold } = predictions;
  if (threshold !== null) return probabilityOf(predictions, sample, 1) >= threshold ? 1 : 0;
  let best = 0;
  let highest = Number.NEGATIVE_INFINITY;
  for (let label = 0; label < classNames.length; label += 1) {
    const probability = probabilityOf(predictions, sample, label);
    if (probability > highest) {
      best = label;
      highest = probability;
    }
  }
  return best;
}

/** Log loss of a sample: -log(probability of its class), the probability kept 2^-23 away from 0 and 1. */
export function sampleLoss(predictions: Predictions, sample: number): number {
  const probability = probabilityOf(predictions, sample, predictions.labels[sample] as number);
  return -Math.log(Math.min(Math.max(probability, scoreEpsilon), 1 - scoreEpsilon));
}

/** Whether every probability of a sample is a number. */
export function isScored(predictions: Predictions, sample: number): boolean {
  const { length } = predictions.classNames;
  for (let label = 0; label < length; label += 1) {
    if (!Number.isFinite(probabilityOf(predictions, sample, label))) return false;
  }
  return true;
}

/** How many samples have a probability that is not a number. */
export function countUnscored(predictions: Predictions): number {
  let count = 0;
  for (let sample = 0; sample < predictions.labels.length; sample += 1) if (!isScored(predictions, sample)) count += 1;
  return count;
}

/** `counts[actual][predicted]`. */
export function confusionCounts(predictions: Predictions): number[][] {
  const counts = predictions.classNames.map(() => predictions.classNames.map(() => 0));
  for (const [sample, label] of predictions.labels.entries()) {
    const row = counts[label] as number[];
    const predicted = predictedClass(predictions, sample);
    row[predicted] = (row[predicted] as number) + 1;
  }
  return counts;
}
