import { atomicWriteFile } from '../../src/util/atomic-write-file.ts';
import type { EvaluationFunction } from '../components/evaluator.ts';
import { toCsv } from './charts/csv.ts';
import type { PointEvaluation } from './point-table.ts';
import { rounded, type Table, tableRowsAtMost } from './prediction-files.ts';
import { type ErrorName, errorNames, meanErrors, sampleErrors } from './reconstruction-meter.ts';
import type { PartSamples, ScoredPart } from './scored-part.ts';

/** One kind of error of every sample, in the order of the part. */
export function errorsOf({ ids, scores }: ScoredPart, name: ErrorName): Float64Array {
  const column = errorNames.indexOf(name);
  return Float64Array.from(ids, (_, sample) => scores[sample * errorNames.length + column] as number);
}

/** Places from the highest error to the lowest, those without a finite one first. */
export function worstFirst(errors: Float64Array): number[] {
  const rank = (sample: number) =>
    Number.isFinite(errors[sample]) ? (errors[sample] as number) : Number.POSITIVE_INFINITY;
  return [...errors.keys()].sort((a, b) => (rank(a) === rank(b) ? a - b : rank(b) - rank(a)));
}

/** The column of classes, which only some data have. */
function classColumn({ classNames, labels }: ScoredPart): { header: string[]; of: (sample: number) => string[] } {
  const hasClasses = classNames.length > 0;
  return {
    header: hasClasses ? ['class'] : [],
    of: (sample) => (hasClasses ? [classNames[labels[sample] as number] as string] : []),
  };
}

/**
 * Writes `predictions.csv`: the errors of every sample with all their digits, and its class where the data has classes.
 * The reconstructions themselves are not kept: they would be as large as the data, and the model gives them at any time.
 */
export async function writeErrors(file: string, part: ScoredPart): Promise<void> {
  const classes = classColumn(part);
  const columns = errorNames.map((name) => errorsOf(part, name));
  const rows = part.ids.map((id, sample) => [
    id,
    ...classes.of(sample),
    ...columns.map((errors) => errors[sample] as number),
  ]);
  await atomicWriteFile(file, toCsv([['id', ...classes.header, ...errorNames], ...rows]));
}

/** The same with the highest loss first; at most `tableRowsAtMost`. */
export function errorTable(part: ScoredPart): Table {
  const classes = classColumn(part);
  const columns = errorNames.map((name) => errorsOf(part, name));
  return {
    columns: ['id', ...classes.header, ...errorNames],
    data: worstFirst(errorsOf(part, 'loss'))
      .slice(0, tableRowsAtMost)
      .map((sample) => [
        part.ids[sample] as string,
        ...classes.of(sample),
        ...columns.map((errors) => rounded(errors[sample] as number)),
      ]),
  };
}

/** The mean errors of each class, the classes with the highest first; null where the data has none. */
export function classErrorTable(part: ScoredPart): Table | null {
  const { classNames, labels } = part;
  if (classNames.length === 0) return null;
  const columns = errorNames.map((name) => errorsOf(part, name));
  const rows = classNames.map((name, label) => {
    const members = [...labels.keys()].filter((sample) => labels[sample] === label);
    const means = columns.map((errors) => members.reduce((sum, at) => sum + (errors[at] as number), 0));
    return { name, samples: members.length, means: means.map((sum) => sum / members.length) };
  });
  const rank = (means: readonly number[]) => means[errorNames.indexOf('mse')] || -1;
  return {
    columns: ['class', 'samples', ...errorNames],
    data: rows
      .sort((a, b) => rank(b.means) - rank(a.means))
      .map(({ name, samples, means }) => [name, samples, ...means.map(rounded)]),
  };
}

/**
 * Each data point with its id, its class where the data has classes, its `mse` and `mae`, and the value of each evaluation
 * function. The network gives its reconstructions once more, batch by batch.
 */
export async function evaluateReconstructions(
  part: ScoredPart,
  functions: Readonly<Record<string, EvaluationFunction>>,
  { all, score }: PartSamples,
): Promise<PointEvaluation> {
  const names = Object.keys(functions);
  const sums = names.map(() => 0);
  const classes = classColumn(part);
  const rows: (string | number)[][] = [];
  await score(all(), {
    add({ inputs, size }, outputs) {
      const length = inputs.length / size;
      for (let start = 0; start < inputs.length; start += length) {
        const [yTrue, yPred] = [inputs.subarray(start, start + length), outputs.subarray(start, start + length)];
        const { mse, mae } = sampleErrors(yTrue, yPred, 'mean_squared_error');
        const values = names.map((name, index) => {
          const value = (functions[name] as EvaluationFunction)(yTrue, yPred);
          sums[index] = (sums[index] as number) + value;
          return value;
        });
        const sample = rows.length;
        rows.push([part.ids[sample] as string, ...classes.of(sample), mse, mae, ...values]);
      }
    },
  });
  const header = ['id', ...classes.header, 'mse', 'mae', ...names];
  return {
    csv: toCsv([header, ...rows]),
    means: Object.fromEntries(names.map((name, index) => [name, (sums[index] as number) / rows.length])),
  };
}

/** What stands out in a test, each as a sentence, the gravest first. */
export function reconstructionRemarks(test: ScoredPart, guessingLoss: number): string[] {
  const losses = errorsOf(test, 'loss');
  if (losses.length === 0) return ['There are no test samples: nothing is known of how well the model does.'];
  const broken = losses.filter((loss) => !Number.isFinite(loss)).length;
  if (broken > 0) {
    const many =
      broken === losses.length ? 'All' : `${broken.toLocaleString('en')} of ${losses.length.toLocaleString('en')}`;
    return [`${many} of the test errors are not finite numbers: the weights are broken.`];
  }
  const { loss } = meanErrors(test.scores);
  if (loss < guessingLoss) return [];
  return [
    `The test loss (${loss.toPrecision(3)}) is no lower than that of always giving the mean of the training images (${guessingLoss.toPrecision(3)}): the model has learned nothing of them.`,
  ];
}
