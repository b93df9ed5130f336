import { type Predictions, probabilityOf } from './predictions.ts';

/** Bins of a score from 0 to 1; 1 itself is in the last. */
export const binCount = 40;

/** How the scores of one class spread over one group of samples. */
export interface ScoreBins {
  readonly counts: readonly number[];
  /** Samples with a score that is a number. */
  readonly total: number;
}

/** Bins of the probability of a class over the samples that `isWanted` takes; scores that are not numbers are left out. */
export function scoreBins(predictions: Predictions, label: number, isWanted: (actual: number) => boolean): ScoreBins {
  const counts = new Array<number>(binCount).fill(0);
  let total = 0;
  for (const [sample, actual] of predictions.labels.entries()) {
    const score = probabilityOf(predictions, sample, label);
    if (!isWanted(actual) || !Number.isFinite(score)) continue;
    const bin = Math.min(binCount - 1, Math.max(0, Math.floor(score * binCount)));
    counts[bin] = (counts[bin] as number) + 1;
    total += 1;
  }
  return { counts, total };
}
