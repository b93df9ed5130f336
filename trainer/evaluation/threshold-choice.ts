import { precisionRecallF1 } from './class-scores.ts';
import { curveProblem, scoreSteps } from './curves.ts';
import type { Predictions } from './predictions.ts';

/** What a threshold does to a set of samples of two classes. */
export interface ThresholdEffect {
  readonly threshold: number;
  readonly precision: number;
  /** The true positive rate. */
  readonly recall: number;
  readonly f1: number;
  /** Share of the negatives said to be positive; NaN without negatives. */
  readonly falsePositiveRate: number;
}

/** The effect of saying class 1 from a probability on. Scores that are not numbers count as class 0, as everywhere. */
export function thresholdEffect(predictions: Predictions, threshold: number): ThresholdEffect {
  const { labels, probabilities } = predictions;
  let [found, said, positives] = [0, 0, 0];
  for (const [sample, label] of labels.entries()) {
    const isSaid = (probabilities[2 * sample + 1] as number) >= threshold;
    positives += label;
    said += isSaid ? 1 : 0;
    found += isSaid ? label : 0;
  }
  const negatives = labels.length - positives;
  return {
    threshold,
    ...precisionRecallF1(found, said, positives),
    falsePositiveRate: negatives === 0 ? Number.NaN : (said - found) / negatives,
  };
}

/**
 * The threshold with the highest F1 of class 1 on these samples: half way between the lowest score said to be positive
 * and the next lower one. Of several the one nearest to `near`. Null with more than two classes, and where there is no
 * curve. To be asked of validation data only: a threshold chosen on test data makes the test say too much.
 */
export function bestF1Threshold(predictions: Predictions, near: number): number | null {
  if (predictions.classNames.length !== 2 || curveProblem(predictions, 1) !== null) return null;
  const { thresholds, truePositives, falsePositives, positives } = scoreSteps(predictions, 1);
  let best = { threshold: near, f1: -1 };
  for (const [step, score] of thresholds.entries()) {
    const found = truePositives[step] as number;
    const { f1 } = precisionRecallF1(found, found + (falsePositives[step] as number), positives);
    const threshold = (score + (thresholds[step + 1] ?? 0)) / 2;
    const isNearer = Math.abs(threshold - near) < Math.abs(best.threshold - near);
    if (f1 > best.f1 || (f1 === best.f1 && isNearer)) best = { threshold, f1 };
  }
  return best.threshold;
}
