import { describe, expect, it } from 'vitest';
import {
  areaUnderRoc,
  averagePrecision,
  curveProblem,
  precisionRecallPoints,
  rocPoints,
  scoreSteps,
} from '../../../../trainer/evaluation/curves.ts';
import { areaUnderRocCurve } from '../../../../trainer/evaluation/metrics.ts';
import { type Predictions, scoresOf } from '../../../../trainer/evaluation/predictions.ts';
import { bestF1Threshold, thresholdEffect } from '../../../../trainer/evaluation/threshold-choice.ts';
import { madePredictions, withScores } from '../../../support/made-predictions.ts';

const two = ['negative', 'positive'];

/** Sets of every kind: few and many samples, ties, rare classes, several classes. */
function* manySets(): Generator<Predictions> {
  for (let samples = 5; samples < 60; samples += 5) {
    for (const step of [0, 0.1, 0.5]) yield madePredictions({ samples, classNames: two, step });
  }
  yield madePredictions({ samples: 3000, classNames: two, firstShare: 0.99 });
  yield madePredictions({ samples: 500, classNames: ['a', 'b', 'c', 'd'] });
}

function positivesAndNegatives(predictions: Predictions, label: number): [number, number] {
  const positives = predictions.labels.filter((actual) => actual === label).length;
  return [positives, predictions.labels.length - positives];
}

describe('the ROC curve', () => {
  it('rises from (0, 0) to (1, 1), and its area is that of the ranks', () => {
    for (const predictions of manySets()) {
      for (const label of predictions.classNames.keys()) {
        if (curveProblem(predictions, label) !== null) continue;
        const points = rocPoints(scoreSteps(predictions, label));
        expect(points[0]).toEqual({ threshold: Number.POSITIVE_INFINITY, x: 0, y: 0 });
        expect(points.at(-1)).toMatchObject({ x: 1, y: 1 });
        for (const [index, { x, y, threshold }] of points.entries()) {
          const before = points[index - 1];
          if (before === undefined) continue;
          expect(x >= before.x && y >= before.y && threshold < before.threshold).toBe(true);
        }
        const isOwn = predictions.labels.map((actual) => (actual === label ? 1 : 0));
        const byRanks = areaUnderRocCurve(isOwn, scoresOf(predictions, label));
        expect(areaUnderRoc(predictions, label)).toBeCloseTo(byRanks, 12);
      }
    }
  });

  it('has at each threshold the rates that counting gives', () => {
    const predictions = madePredictions({ samples: 80, classNames: two, step: 0.05 });
    const [positives, negatives] = positivesAndNegatives(predictions, 1);
    for (const { threshold, x, y } of rocPoints(scoreSteps(predictions, 1)).slice(1)) {
      const said = [...predictions.labels.keys()].filter(
        (sample) => (predictions.probabilities[2 * sample + 1] as number) >= threshold,
      );
      const found = said.filter((sample) => predictions.labels[sample] === 1).length;
      expect([x, y]).toEqual([(said.length - found) / negatives, found / positives]);
    }
  });
});

describe('the precision-recall curve', () => {
  it('ends at the share of the class, and its area is the sum of precision times gain in recall', () => {
    for (const predictions of manySets()) {
      if (curveProblem(predictions, 1) !== null) continue;
      const points = precisionRecallPoints(scoreSteps(predictions, 1));
      const [positives] = positivesAndNegatives(predictions, 1);
      expect(points.at(-1)).toMatchObject({ x: 1, y: positives / predictions.labels.length });
      const area = points.reduce((sum, { x, y }, index) => sum + y * (x - (points[index - 1]?.x ?? 0)), 0);
      expect(averagePrecision(predictions, 1)).toBeCloseTo(area, 12);
    }
  });

  it('has the share of the class as area where all scores are equal', () => {
    const constant = withScores(madePredictions({ samples: 40, classNames: two }), () => 0.3);
    const [positives] = positivesAndNegatives(constant, 1);
    expect(averagePrecision(constant, 1)).toBe(positives / 40);
    expect(areaUnderRoc(constant, 1)).toBe(0.5);
  });
});

describe('a class without a curve', () => {
  const made = madePredictions({ samples: 30, classNames: two });

  it('says why, and has no area', () => {
    const unscored = withScores(made, (sample) => (sample === 3 ? Number.NaN : 0.5));
    const cases: [Predictions, string][] = [
      [unscored, '1 of 30 scores are not finite numbers: they have no order.'],
      [{ ...made, labels: new Int32Array(30) }, 'No sample is of class positive.'],
      [
        { ...made, labels: new Int32Array(30).fill(1) },
        'All samples are of class positive: there is nothing to tell it from.',
      ],
      [{ ...made, ids: [], labels: new Int32Array(), probabilities: new Float64Array() }, 'There are no samples.'],
    ];
    for (const [predictions, problem] of cases) {
      expect(curveProblem(predictions, 1)).toBe(problem);
      expect(areaUnderRoc(predictions, 1)).toBeNaN();
      expect(averagePrecision(predictions, 1)).toBeNaN();
      expect(bestF1Threshold(predictions, 0.5)).toBeNull();
    }
    expect(() => scoreSteps(unscored, 1)).toThrow(RangeError);
  });
});

describe('the threshold with the best F1', () => {
  it('is no worse than any other', () => {
    for (const predictions of manySets()) {
      const best = bestF1Threshold(predictions, 0.5);
      if (best === null) {
        expect(predictions.classNames.length === 2 && curveProblem(predictions, 1) === null).toBe(false);
        continue;
      }
      const { f1 } = thresholdEffect(predictions, best);
      for (let step = 0; step <= 100; step += 1) {
        expect(thresholdEffect(predictions, step / 100).f1).toBeLessThanOrEqual(f1);
      }
    }
  });

  it('is half way between the scores it separates, the nearest to the one in use of several', () => {
    const labels = Int32Array.from([0, 0, 1, 1]);
    const scores = [0.1, 0.2, 0.6, 0.9];
    const made = madePredictions({ samples: 4, classNames: two });
    expect(
      bestF1Threshold(
        withScores({ ...made, labels }, (sample) => scores[sample]!),
        0.5,
      ),
    ).toBeCloseTo(0.4, 12);
    // F1 is 2/3 with one said to be positive and with all four.
    const twice = withScores({ ...made, labels: Int32Array.from([1, 0, 0, 1]) }, (sample) => scores[sample]!);
    expect(bestF1Threshold(twice, 0.9)).toBeCloseTo(0.75, 12);
    expect(bestF1Threshold(twice, 0.3)).toBeCloseTo(0.05, 12);
  });
});
