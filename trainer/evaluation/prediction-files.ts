import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { atomicWriteFile } from '../../src/util/atomic-write-file.ts';
import { toCsv } from './charts/csv.ts';
import type { ClassReport, ClassScores } from './class-scores.ts';
import { areaUnderRoc, averagePrecision } from './curves.ts';
import { type Predictions, predictedClass, probabilityOf, sampleLoss } from './predictions.ts';

/** A table in the form of MLflow's `log_table`: pandas' "split". */
export interface Table {
  readonly columns: readonly string[];
  readonly data: readonly (readonly (string | number | boolean | null)[])[];
}

/** MLflow's pages show a table row by row: more rows than this help nobody. */
export const tableRowsAtMost = 10_000;

/**
 * Writes `predictions.csv`: every sample, in its order. `label` is the index of the class that is right, scores have all
 * their digits: with two classes `score`, the probability of class 1, with more `score_0,score_1,…`. Then follow, as in
 * `predictionTable`, `actual` and `predicted`, the names of the right class and of the one that is said, and
 * `probability`, that of the class that is said.
 */
export async function writePredictions(file: string, predictions: Predictions): Promise<void> {
  const { ids, labels, classNames } = predictions;
  const isBinary = classNames.length === 2;
  const scored = isBinary ? [1] : classNames.map((_, label) => label);
  const lines = ids.map((id, sample) => {
    const label = labels[sample] as number;
    const said = predictedClass(predictions, sample);
    return [
      id,
      label,
      ...scored.map((each) => probabilityOf(predictions, sample, each)),
      classNames[label] as string,
      classNames[said] as string,
      probabilityOf(predictions, sample, said),
    ];
  });
  const scoreNames = isBinary ? ['score'] : scored.map((label) => `score_${label}`);
  const header = ['id', 'label', ...scoreNames, 'actual', 'predicted', 'probability'];
  await atomicWriteFile(file, toCsv([header, ...lines]));
}

/**
 * The predictions from the highest loss to the lowest, those without a finite loss first; at most `tableRowsAtMost`.
 * `actual` and `predicted` are class names, `probability` is that of the class that is said.
 */
export function predictionTable(predictions: Predictions): Table {
  const { ids, labels, classNames } = predictions;
  const losses = Float64Array.from(labels, (_, sample) => sampleLoss(predictions, sample));
  const rank = (sample: number) =>
    Number.isNaN(losses[sample]) ? Number.POSITIVE_INFINITY : (losses[sample] as number);
  const order = [...labels.keys()].sort((a, b) => (rank(a) === rank(b) ? a - b : rank(b) - rank(a)));
  return {
    columns: ['id', 'actual', 'predicted', 'probability', 'correct', 'loss'],
    data: order.slice(0, tableRowsAtMost).map((sample) => {
      const said = predictedClass(predictions, sample);
      const actual = labels[sample] as number;
      return [
        ids[sample] as string,
        classNames[actual] as string,
        classNames[said] as string,
        rounded(probabilityOf(predictions, sample, said)),
        said === actual,
        rounded(losses[sample] as number),
      ];
    }),
  };
}

/** Precision, recall, F1 and support as `classReport` gives them, and the areas under each class's curves. */
export function classTable(report: ClassReport, predictions: Predictions): Table {
  const row = (scores: ClassScores, areas: readonly (number | null)[]) => [
    scores.name,
    rounded(scores.precision),
    rounded(scores.recall),
    rounded(scores.f1),
    scores.support,
    ...areas,
  ];
  const { classes, accuracy, macroAverage, weightedAverage } = report;
  return {
    columns: ['class', 'precision', 'recall', 'f1', 'support', 'auc', 'average_precision'],
    data: [
      ...classes.map((scores, label) =>
        row(scores, [rounded(areaUnderRoc(predictions, label)), rounded(averagePrecision(predictions, label))]),
      ),
      ['accuracy', null, null, rounded(accuracy), macroAverage.support, null, null],
      row(macroAverage, [null, null]),
      row(weightedAverage, [null, null]),
    ],
  };
}

/** Writes `<name>.json`. Returns the file's path. */
export async function writeTable(directory: string, name: string, table: Table): Promise<string> {
  await mkdir(directory, { recursive: true });
  const file = join(directory, `${name}.json`);
  const rows = table.data.map((row) => JSON.stringify(row));
  await atomicWriteFile(file, `{"columns": ${JSON.stringify(table.columns)}, "data": [\n${rows.join(',\n')}\n]}\n`);
  return file;
}

/** Six digits that count, for people to read: MLflow shows all there are. JSON has no NaN: that is `null`, as in pandas. */
export function rounded(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(6)) : null;
}
