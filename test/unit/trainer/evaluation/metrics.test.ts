import { describe, expect, it } from 'vitest';
import { areaUnderRocCurve, binaryMetrics, confusionCounts, logLoss } from '../../../../trainer/evaluation/metrics.ts';
import { randomSource } from '../../../../trainer/random.ts';

/** The area under the ROC curve by its definition: all pairs of a positive and a negative sample. */
function areaByPairs(labels: readonly number[], scores: readonly number[]): number {
  let [wins, pairs] = [0, 0];
  for (const [i, positive] of scores.entries()) {
    for (const [j, negative] of scores.entries()) {
      if (labels[i] !== 1 || labels[j] !== 0) continue;
      pairs += 1;
      wins += positive > negative ? 1 : positive === negative ? 0.5 : 0;
    }
  }
  return wins / pairs;
}

describe('areaUnderRocCurve', () => {
  it('is 1 for a perfect order, 0 for its reverse, 0.5 where all scores are equal', () => {
    expect(areaUnderRocCurve([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4])).toBe(1);
    expect(areaUnderRocCurve([1, 1, 0, 0], [0.1, 0.2, 0.3, 0.4])).toBe(0);
    expect(areaUnderRocCurve([1, 0, 1, 0], [0.5, 0.5, 0.5, 0.5])).toBe(0.5);
  });

  it('counts a tie as half a win', () => {
    const random = randomSource(1);
    const labels = Array.from({ length: 200 }, () => random.integer(2));
    const scores = labels.map((label) => Math.round((random.next() + label * 0.3) * 10) / 10);
    expect(areaUnderRocCurve(labels, scores)).toBeCloseTo(areaByPairs(labels, scores), 12);
  });

  it('is not a number for one class, no sample, or scores that are not numbers', () => {
    expect(areaUnderRocCurve([1, 1], [0.2, 0.3])).toBeNaN();
    expect(areaUnderRocCurve([], [])).toBeNaN();
    expect(areaUnderRocCurve([0, 1, 1], [0.1, Number.NaN, 0.5])).toBeNaN();
  });
});

describe('binaryMetrics', () => {
  it('counts what the threshold decides: 0.5 is positive', () => {
    const labels = [1, 1, 1, 0, 0];
    const scores = [0.5, 0.9, 0.2, 0.7, 0.1];
    expect(confusionCounts(labels, scores)).toEqual([
      [1, 1],
      [1, 2],
    ]);
    expect(binaryMetrics(labels, scores)).toMatchObject({ accuracy: 0.6, precision: 2 / 3, recall: 2 / 3 });
  });

  it('gives 0 where precision or recall has nothing to divide by', () => {
    expect(binaryMetrics([0, 1], [0.1, 0.2])).toMatchObject({ precision: 0, recall: 0 });
    expect(binaryMetrics([0, 0], [0.1, 0.9])).toMatchObject({ precision: 0, recall: 0 });
  });
});

describe('logLoss', () => {
  it('is the mean of the negative logarithms', () => {
    expect(logLoss([1, 0], [0.8, 0.4])).toBeCloseTo(-(Math.log(0.8) + Math.log(0.6)) / 2, 12);
  });

  it('stays finite for scores of exactly 0 and 1', () => {
    expect(logLoss([1], [0])).toBeCloseTo(23 * Math.LN2, 6);
    expect(logLoss([0], [1])).toBeCloseTo(23 * Math.LN2, 6);
  });
});
