import path from 'node:path';
import { withPrefix } from './evaluation/model-metrics.ts';
import { type Table, writeTable } from './evaluation/prediction-files.ts';
import type { ScoredPart } from './evaluation/scored-part.ts';
import type { Task } from './evaluation/tasks/task.ts';
import { partSamples } from './part-samples.ts';
import { drawPicture } from './pictures.ts';
import { recordArtifacts, splitDatasetName } from './run-record.ts';
import { type ScoringOptions, scorePart } from './score-part.ts';
import type { TrainedPart } from './trained-part.ts';
import type { TrainingRun } from './training-run.ts';

/** What a trained model is tested with. */
export interface TestOptions extends ScoringOptions {
  /** What is tested: of a network with a frozen base the layers behind it, on features. */
  readonly trained: TrainedPart;
  /** The epoch whose weights the model has. */
  readonly epoch: number;
}

/** What the test gave. */
export interface TestResult {
  /** By key, with `test_` before each. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly part: ScoredPart;
  /** Null where the data has no classes. */
  readonly perClass: Table | null;
  /** Samples that the table of predictions does not hold. */
  readonly rowsLeftOut: number;
}

/** Scores the test part once, logs `test_…`, and keeps predictions, tables and pictures. */
export async function testModel(options: TestOptions): Promise<TestResult> {
  const { run, task, dataset, epoch } = options;
  const { log } = run;
  const part = await scorePart({ ...options, ...options.trained }, 'test', 'testing');
  const metrics = withPrefix(task.testMetrics(part), 'test_');
  for (const [key, value] of Object.entries(metrics)) {
    log.metric(key, value, epoch, { dataset: splitDatasetName(dataset, 'test') });
  }
  const shown = Object.entries(metrics).map(([key, value]) => `${key} ${value.toFixed(4)}`);
  run.echo(`test: ${shown.join(', ')}`);
  const tables = await recordTables(run, task, part, epoch);
  for (const { name, make } of task.testPictures(part, partSamples(options, 'test'))) {
    await drawPicture(run, name, make);
  }
  return { metrics, part, ...tables };
}

/** `predictions.csv` with all, and the two tables that MLflow shows as such. */
async function recordTables(
  run: TrainingRun,
  task: Task,
  part: ScoredPart,
  epoch: number,
): Promise<Pick<TestResult, 'perClass' | 'rowsLeftOut'>> {
  const { folder, log } = run;
  const file = path.join(folder.artifacts, 'predictions.csv');
  await task.writePredictions(file, part);
  recordArtifacts(log, folder.directory, [file]);
  const table = task.predictionTable(part);
  const perClass = task.classTable(part);
  log.table('predictions', await writeTable(folder.artifacts, 'predictions', table), epoch);
  if (perClass !== null) log.table('per-class', await writeTable(folder.artifacts, 'per-class', perClass), epoch);
  const rowsLeftOut = part.ids.length - table.data.length;
  if (rowsLeftOut > 0) {
    run.line(
      `Table predictions: the ${table.data.length} test samples with the highest loss; ${rowsLeftOut} more are in predictions.csv alone.`,
    );
  }
  return { perClass, rowsLeftOut };
}
