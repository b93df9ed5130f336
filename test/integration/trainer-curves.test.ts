import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { classReport } from '../../trainer/evaluation/class-scores.ts';
import {
  areaUnderRoc,
  averagePrecision,
  curveProblem,
  precisionRecallPoints,
  rocPoints,
  scoreSteps,
} from '../../trainer/evaluation/curves.ts';
import { confusionCounts, type Predictions, predictedClass } from '../../trainer/evaluation/predictions.ts';
import { bestF1Threshold, thresholdEffect } from '../../trainer/evaluation/threshold-choice.ts';
import { pythonPath, temporaryDirectory } from '../support/index.ts';
import { madePredictions, withScores } from '../support/made-predictions.ts';

/** What scikit-learn says of one set of predictions. */
interface Reference {
  readonly classes: readonly {
    readonly auc: number;
    readonly average_precision: number;
    readonly roc: readonly (readonly number[])[];
    readonly precision_recall: readonly (readonly number[])[];
  }[];
  readonly report: Readonly<Record<string, Readonly<Record<string, number>> | number>>;
  readonly confusion: readonly (readonly number[])[];
  readonly best_f1: number | null;
}

const script = `
import json, sys, warnings
import numpy as np
from sklearn.metrics import (
    average_precision_score, classification_report, confusion_matrix, precision_recall_curve, roc_auc_score, roc_curve)
warnings.simplefilter("ignore")
results = []
for case in json.load(open(sys.argv[1])):
    labels, predicted = np.array(case["labels"]), np.array(case["predicted"])
    scores = np.array(case["probabilities"]).reshape(len(labels), -1)
    names = list(range(scores.shape[1]))
    classes = []
    for name in names:
        own, score = (labels == name).astype(int), scores[:, name]
        if own.min() == own.max():
            classes.append(None)
            continue
        rates = roc_curve(own, score, drop_intermediate=False)
        precision, recall, _ = precision_recall_curve(own, score)
        classes.append({
            "auc": roc_auc_score(own, score),
            "average_precision": average_precision_score(own, score),
            "roc": np.stack(rates[:2], axis=1).tolist(),
            "precision_recall": np.stack([recall, precision], axis=1)[::-1].tolist(),
        })
    best = None
    if len(names) == 2 and classes[1] is not None:
        precision, recall, _ = precision_recall_curve((labels == 1).astype(int), scores[:, 1])
        best = float(np.max(2 * precision * recall / np.maximum(precision + recall, 1e-300)))
    results.append({
        "classes": classes,
        "report": classification_report(labels, predicted, labels=names, output_dict=True, zero_division=0),
        "confusion": confusion_matrix(labels, predicted, labels=names).tolist(),
        "best_f1": best,
    })
json.dump(results, sys.stdout)
`;

const two = ['negative', 'positive'];
const usual = madePredictions({ samples: 300, classNames: two });
const cases: Readonly<Record<string, Predictions>> = {
  'two classes': usual,
  'two classes with ties': madePredictions({ samples: 400, classNames: two, step: 0.05 }),
  'a rare class': madePredictions({ samples: 5000, classNames: two, firstShare: 0.995 }),
  'one score for all': withScores(usual, () => 0.25),
  'scores of 0 and 1': withScores(usual, (sample, label) => (sample % 9 === 0 ? 1 - label : label)),
  'one class only': { ...usual, labels: new Int32Array(300).fill(1) },
  'five classes': madePredictions({ samples: 700, classNames: ['a', 'b', 'c', 'd', 'e'] }),
  'classes without samples and classes never said': {
    ...madePredictions({ samples: 60, classNames: ['a', 'b', 'c', 'd', 'e', 'f'], quality: 3 }),
    labels: new Int32Array(60).map((_, sample) => sample % 3),
  },
};

const references: Record<string, Reference> = {};

beforeAll(async () => {
  await using folder = await temporaryDirectory();
  const asked = Object.values(cases).map((predictions) => ({
    labels: [...predictions.labels],
    predicted: [...predictions.labels.keys()].map((sample) => predictedClass(predictions, sample)),
    probabilities: [...predictions.probabilities],
  }));
  await writeFile(folder.join('cases.json'), JSON.stringify(asked));
  const { stdout } = await promisify(execFile)(await pythonPath(), ['-c', script, folder.join('cases.json')], {
    maxBuffer: 64 * 1024 * 1024,
  });
  const results = JSON.parse(stdout) as Reference[];
  for (const [index, name] of Object.keys(cases).entries()) references[name] = results[index] as Reference;
});

/** Equal but for the rounding of single steps. */
function expectClose(ours: readonly (readonly number[])[], theirs: readonly (readonly number[])[]): void {
  expect(ours).toHaveLength(theirs.length);
  for (const [index, values] of theirs.entries()) {
    for (const [place, value] of values.entries()) {
      expect(Math.abs((ours[index]?.[place] as number) - value)).toBeLessThan(1e-9);
    }
  }
}

describe.each(Object.entries(cases))('of %s', (name, predictions) => {
  it("areas and all points of the curves are scikit-learn's", () => {
    for (const [label, reference] of (references[name] as Reference).classes.entries()) {
      if (reference === null) {
        expect(curveProblem(predictions, label)).not.toBeNull();
        continue;
      }
      expect(areaUnderRoc(predictions, label)).toBeCloseTo(reference.auc, 12);
      expect(averagePrecision(predictions, label)).toBeCloseTo(reference.average_precision, 12);
      const steps = scoreSteps(predictions, label);
      expectClose(
        rocPoints(steps).map(({ x, y }) => [x, y]),
        reference.roc,
      );
      // scikit-learn begins with a point of recall 0 and precision 1, which is no threshold's.
      expectClose(
        precisionRecallPoints(steps).map(({ x, y }) => [x, y]),
        reference.precision_recall.slice(1),
      );
    }
  });

  it("matrix, precision, recall, F1, support and averages are scikit-learn's", () => {
    const { confusion, report } = references[name] as Reference;
    const counts = confusionCounts(predictions);
    expect(counts).toEqual(confusion);
    const ours = classReport(counts, predictions.classNames);
    const rows = [...ours.classes.entries()].map(([label, scores]) => [String(label), scores] as const);
    for (const [key, scores] of [
      ...rows,
      ['macro avg', ours.macroAverage] as const,
      ['weighted avg', ours.weightedAverage] as const,
    ]) {
      const theirs = report[key] as Readonly<Record<string, number>>;
      expect(scores.precision, key).toBeCloseTo(theirs.precision as number, 12);
      expect(scores.recall, key).toBeCloseTo(theirs.recall as number, 12);
      expect(scores.f1, key).toBeCloseTo(theirs['f1-score'] as number, 12);
      expect(scores.support, key).toBe(theirs.support);
    }
    expect(ours.accuracy).toBeCloseTo(report.accuracy as number, 12);
  });

  it('no threshold has a better F1 than the one that is chosen', () => {
    const best = bestF1Threshold(predictions, 0.5);
    const { best_f1: theirs } = references[name] as Reference;
    expect(best === null).toBe(theirs === null);
    if (best !== null) expect(thresholdEffect(predictions, best).f1).toBeCloseTo(theirs as number, 12);
  });
});
