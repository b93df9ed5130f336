import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { classReport } from '../../trainer/evaluation/class-scores.ts';
import { testMetrics } from '../../trainer/evaluation/model-metrics.ts';
import { classTable } from '../../trainer/evaluation/prediction-files.ts';
import { confusionCounts, type Predictions, predictionsOf } from '../../trainer/evaluation/predictions.ts';
import { randomSource } from '../../trainer/random.ts';
import { pythonPath, type TemporaryDirectory, temporaryDirectory } from '../support/index.ts';
import { runTrainer, trainerEvents } from '../support/trainer.ts';

const run = promisify(execFile);

/** Reads `{labels, probabilities}` of some sets of predictions and prints scikit-learn's metrics of each. */
const scikitLearn = `
import json, sys
import numpy as np
from sklearn.metrics import (
    accuracy_score, average_precision_score, brier_score_loss, classification_report, log_loss, roc_auc_score)
results = []
for case in json.load(open(sys.argv[1])):
    labels = np.array(case["labels"])
    scores = np.array(case["probabilities"], dtype=np.float32)
    classes = list(range(scores.shape[1]))
    isBinary = len(classes) == 2
    predicted = (scores[:, 1] >= 0.5).astype(int) if isBinary else scores.argmax(axis=1)
    report = classification_report(labels, predicted, labels=classes, output_dict=True, zero_division=0)
    areas = [[f(labels == k, scores[:, k]) for f in (roc_auc_score, average_precision_score)] for k in classes]
    overall = areas[1] if isBinary else np.mean(areas, axis=0)
    mean = report["1"] if isBinary else report["macro avg"]
    results.append({
        "metrics": {
            "loss": log_loss(labels, scores, labels=classes),
            "accuracy": accuracy_score(labels, predicted),
            "auc": overall[0],
            "average_precision": overall[1],
            "precision": mean["precision"],
            "recall": mean["recall"],
            "f1": mean["f1-score"],
            "brier_score": brier_score_loss(labels, scores[:, 1] if isBinary else scores, labels=classes, scale_by_half=False),
        },
        "table": [
            *([report[str(k)][key] for key in ("precision", "recall", "f1-score", "support")] + areas[k] for k in classes),
            *([report[name][key] for key in ("precision", "recall", "f1-score", "support")] for name in ("macro avg", "weighted avg")),
        ],
    })
print(json.dumps(results))
`;

interface Judged {
  readonly metrics: Readonly<Record<string, number>>;
  /** A row a class, then the two means. */
  readonly table: readonly (readonly number[])[];
}

let folder: TemporaryDirectory;
beforeEach(async () => {
  folder = await temporaryDirectory();
});
afterEach(() => folder.remove());

async function byScikitLearn(
  cases: readonly { readonly labels: readonly number[]; readonly probabilities: readonly (readonly number[])[] }[],
): Promise<Judged[]> {
  await writeFile(folder.join('cases.json'), JSON.stringify(cases));
  const { stdout } = await run(await pythonPath(), ['-W', 'ignore', '-c', scikitLearn, folder.join('cases.json')]);
  return JSON.parse(stdout);
}

function expectEqual(ours: Readonly<Record<string, number>>, theirs: Readonly<Record<string, number>>): void {
  for (const [key, value] of Object.entries(ours)) {
    expect(Math.abs(value - (theirs[key] as number)), `${key}: ${value}, but ${theirs[key]}`).toBeLessThan(1e-6);
  }
}

/** The rows of a table of classes, without names and the row of the accuracy. */
function numbersOf(data: readonly (readonly unknown[])[]): number[][] {
  return data
    .filter(([name]) => name !== 'accuracy')
    .map(([, ...values]) => values.filter((value): value is number => typeof value === 'number'));
}

function expectSameTable(ours: readonly (readonly number[])[], { table }: Judged): void {
  expect(ours).toHaveLength(table.length);
  for (const [row, values] of ours.entries()) {
    expect(values).toHaveLength(table[row]?.length ?? 0);
    expectEqual(Object.fromEntries(values.entries()), Object.fromEntries((table[row] ?? []).entries()));
  }
}

describe('metrics of classes', () => {
  it.each([2, 3])(
    "agree with scikit-learn's on validation and test of a training with weights (%i classes)",
    async (count) => {
      const random = randomSource('classes', count);
      const rows = Array.from({ length: 400 }, () => {
        const label = random.integer(count);
        const numbers = [0, 1, 2].map((at) => (at === label ? 1 : 0) + 2 * random.next());
        return [...numbers, `kind ${label}`, 0.2 + 3 * random.next()].join(',');
      });
      await writeFile(folder.join('rows.csv'), `a,b,c,label,weight\n${rows.join('\n')}\n`);
      const argv = ['--data_loader_class=csv_table', `--data=${folder.join('rows.csv')}`, '--model_builder_class=mlp'];
      const end = await runTrainer([...argv, '--data_loader.weight_column=weight', '--epochs=1'], {
        SLIPWAY_RUN_DIR: folder.join('run'),
      });
      expect(end).toMatchObject({ exitCode: 0 });
      const parts = await Promise.all(
        ['validation', 'test'].map(async (part) => {
          const text = await readFile(folder.join(`run/artifacts/reports/${part}.csv`), 'utf8');
          const points = text
            .trim()
            .split('\n')
            .slice(1)
            .map((line) => line.split(','));
          return {
            labels: points.map(([, name = '']) => Number(name.slice(5))),
            probabilities: points.map((cells) => cells.slice(3, 3 + count).map(Number)),
          };
        }),
      );
      const [validation, test] = (await byScikitLearn(parts)) as [Judged, Judged];
      const events = await trainerEvents(folder.join('run'));
      const logged = (prefix: string) =>
        Object.fromEntries(
          events.flatMap((event) =>
            event.type === 'metric' && event.key.startsWith(prefix)
              ? [[event.key.slice(prefix.length), Number(event.value)] as const]
              : [],
          ),
        );
      expect(Object.keys(logged('val_')).sort()).toEqual([
        'accuracy',
        'auc',
        'brier_score',
        'loss',
        'precision',
        'recall',
      ]);
      expectEqual(logged('val_'), validation.metrics);
      expect(Object.keys(logged('test_')).sort()).toEqual(Object.keys(test.metrics).sort());
      expectEqual(logged('test_'), test.metrics);
      const table = JSON.parse(await readFile(folder.join('run/artifacts/per-class.json'), 'utf8'));
      expectSameTable(numbersOf(table.data), test);
    },
  );

  it("agree with scikit-learn's where scores tie, are sure and wrong, or never say a class", async () => {
    const random = randomSource('ties');
    const labels = Array.from({ length: 500 }, () => random.integer(4));
    const scored = (of: (label: number, actual: number) => number): Float32Array =>
      Float32Array.from(
        labels.flatMap((actual) => {
          const scores = [0, 1, 2, 3].map((label) => of(label, actual));
          const sum = scores.reduce((all, score) => all + score, 0);
          return scores.map((score) => score / sum);
        }),
      );
    const cases: readonly Predictions[] = [
      scored((label, actual) => random.next() + (label === actual ? 0.5 : 0)),
      scored((label, actual) => 1 + random.integer(3) + (label === actual ? 1 : 0)),
      scored((label, actual) => (random.next() < 0.8 ? 0 : 1e-20) + (label === (actual + 1) % 4 ? 1 : 0)),
      scored((label) => (label === 2 ? 0.001 : 1) * (0.1 + random.next())),
    ].map((scores) => predictionsOf({ ids: labels.map(String), labels, scores, classNames: ['a', 'b', 'c', 'd'] }));
    const judged = await byScikitLearn(
      cases.map(({ probabilities }) => ({
        labels,
        probabilities: labels.map((_, sample) => [...probabilities.slice(4 * sample, 4 * sample + 4)]),
      })),
    );
    for (const [place, predictions] of cases.entries()) {
      const theirs = judged[place] as Judged;
      expectEqual(testMetrics(predictions), theirs.metrics);
      const report = classReport(confusionCounts(predictions), predictions.classNames);
      expectSameTable(numbersOf(classTable(report, predictions).data), theirs);
    }
  });
});
