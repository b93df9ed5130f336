import { type Predictions, scoresOf } from './predictions.ts';

/** The counts that come from saying "positive" from each score on, from the highest score down; equal scores are one step. */
export interface ScoreSteps {
  /** Distinct scores, falling. */
  readonly thresholds: Float64Array;
  /** Positives that score at least the threshold. */
  readonly truePositives: Float64Array;
  /** Negatives that score at least the threshold. */
  readonly falsePositives: Float64Array;
  readonly positives: number;
  readonly negatives: number;
}

/** A class against all others. Throws RangeError for a score that is not a number: ask `curveProblem` first. */
export function scoreSteps(predictions: Predictions, label: number): ScoreSteps {
  // Sorted as plain numbers, which is many times faster than sorting samples by a comparison.
  const all = scoresOf(predictions, label);
  const own = all.filter((_, sample) => predictions.labels[sample] === label).sort();
  all.sort();
  if (!all.every(Number.isFinite)) throw new RangeError(`A score of class ${label} is not a finite number.`);
  const thresholds: number[] = [];
  const truePositives: number[] = [];
  const falsePositives: number[] = [];
  let [left, ownLeft] = [all.length, own.length];
  while (left > 0) {
    const threshold = all[left - 1] as number;
    while (left > 0 && all[left - 1] === threshold) left -= 1;
    while (ownLeft > 0 && (own[ownLeft - 1] as number) >= threshold) ownLeft -= 1;
    thresholds.push(threshold);
    truePositives.push(own.length - ownLeft);
    falsePositives.push(all.length - left - (own.length - ownLeft));
  }
  return {
    thresholds: Float64Array.from(thresholds),
    truePositives: Float64Array.from(truePositives),
    falsePositives: Float64Array.from(falsePositives),
    positives: own.length,
    negatives: all.length - own.length,
  };
}

/** Why a class has no ROC or precision-recall curve, as a sentence; null where it has. */
export function curveProblem(predictions: Predictions, label: number): string | null {
  const { labels, classNames } = predictions;
  if (labels.length === 0) return 'There are no samples.';
  const unscored = scoresOf(predictions, label).filter((score) => !Number.isFinite(score)).length;
  if (unscored > 0) return `${unscored} of ${labels.length} scores are not finite numbers: they have no order.`;
  const positives = labels.filter((actual) => actual === label).length;
  if (positives === 0) return `No sample is of class ${classNames[label]}.`;
  if (positives === labels.length)
    return `All samples are of class ${classNames[label]}: there is nothing to tell it from.`;
  return null;
}

/** A point of a curve, and the threshold it belongs to. */
export interface CurvePoint {
  /** From this score on "positive" is said; Infinity where it never is. */
  readonly threshold: number;
  readonly x: number;
  readonly y: number;
}

/** The ROC curve: x the false positive rate, y the true positive rate. */
export function rocPoints({
  thresholds,
  truePositives,
  falsePositives,
  positives,
  negatives,
}: ScoreSteps): CurvePoint[] {
  const points: CurvePoint[] = [{ threshold: Number.POSITIVE_INFINITY, x: 0, y: 0 }];
  for (const [step, threshold] of thresholds.entries()) {
    const [found, wrong] = [truePositives[step] as number, falsePositives[step] as number];
    points.push({ threshold, x: wrong / negatives, y: found / positives });
  }
  return points;
}

/**
 * The area under the ROC curve by trapezoids, which is the Mann-Whitney statistic that `areaUnderRocCurve` computes
 * from ranks.
 */
export function rocArea({ truePositives, falsePositives, positives, negatives }: ScoreSteps): number {
  let doubleArea = 0;
  for (let step = 0; step < truePositives.length; step += 1) {
    const wrong = (falsePositives[step] as number) - (falsePositives[step - 1] ?? 0);
    // In whole numbers, which are exact.
    doubleArea += wrong * ((truePositives[step] as number) + (truePositives[step - 1] ?? 0));
  }
  return doubleArea / 2 / (positives * negatives);
}

/** The precision-recall curve: x the recall, y the precision, from the highest threshold down. */
export function precisionRecallPoints({
  thresholds,
  truePositives,
  falsePositives,
  positives,
}: ScoreSteps): CurvePoint[] {
  return Array.from(thresholds, (threshold, step) => {
    const found = truePositives[step] as number;
    return { threshold, x: found / positives, y: found / (found + (falsePositives[step] as number)) };
  });
}

/**
 * The average precision, the area under the steps of the precision-recall curve: precision times gain in recall, as
 * scikit-learn's `average_precision_score`, without interpolation.
 */
export function precisionRecallArea({ truePositives, falsePositives, positives }: ScoreSteps): number {
  let area = 0;
  for (let step = 0; step < truePositives.length; step += 1) {
    const found = truePositives[step] as number;
    const gain = (found - (truePositives[step - 1] ?? 0)) / positives;
    area += (gain * found) / (found + (falsePositives[step] as number));
  }
  return area;
}

/** The area under a class's ROC curve; NaN where it has none. */
export function areaUnderRoc(predictions: Predictions, label: number): number {
  return curveProblem(predictions, label) === null ? rocArea(scoreSteps(predictions, label)) : Number.NaN;
}

/** The average precision of a class; NaN where it has no curve. */
export function averagePrecision(predictions: Predictions, label: number): number {
  return curveProblem(predictions, label) === null ? precisionRecallArea(scoreSteps(predictions, label)) : Number.NaN;
}
