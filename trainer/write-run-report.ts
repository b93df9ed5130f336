import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { formatDuration } from '../src/util/format.ts';
import { type Dataset, splitNames } from './data/dataset.ts';
import { trainingRemarks } from './evaluation/remarks.ts';
import { type ReportContent, writeReport } from './evaluation/report/report.ts';
import type { ScoredPart } from './evaluation/scored-part.ts';
import type { Task } from './evaluation/tasks/task.ts';
import { attempt } from './pictures.ts';
import { recordArtifacts } from './run-record.ts';
import type { TestResult } from './test-model.ts';
import type { EpochRecord } from './training/history.ts';
import type { TrainingRun } from './training-run.ts';

/** What a run's report is made of, besides the files that lie among its artifacts already. */
export interface RunReportOptions {
  readonly run: TrainingRun;
  readonly task: Task;
  readonly dataset: Dataset;
  readonly history: readonly EpochRecord[];
  /** The epoch whose weights the model has. */
  readonly epoch: number;
  /** Of that epoch. */
  readonly validation: ScoredPart;
  readonly test: TestResult;
  /** The loss of a network that has learned nothing. */
  readonly guessingLoss: number;
  /** A sentence; null where the training did not diverge. */
  readonly divergence: string | null;
}

/** Writes and logs `report.html`. */
export async function writeRunReport(options: RunReportOptions): Promise<void> {
  const { run } = options;
  const { artifacts, directory } = run.folder;
  await attempt(run, 'the report could not be written', async () => {
    const file = await writeReport(artifacts, await reportContent(options));
    recordArtifacts(run.log, directory, [file]);
    run.echo(`Report: ${file}`);
  });
}

async function reportContent(options: RunReportOptions): Promise<ReportContent> {
  const { run, task, dataset, history, epoch, validation, test, guessingLoss, divergence } = options;
  const { artifacts, directory } = run.folder;
  const runId = path.basename(directory);
  const chosen = history.find((record) => record.epoch === epoch);
  return {
    title: run.environment.runName ?? (run.parameters.run_name || runId),
    facts: facts(options, runId),
    isSynthetic: dataset.origin.isSynthetic,
    divergence,
    remarks: [
      ...task.testRemarks(test.part, guessingLoss),
      ...(divergence === null ? trainingRemarks(history, guessingLoss) : []),
    ],
    testSamples: test.part.ids.length,
    metrics: { ...chosen?.values, ...test.metrics },
    parameters: run.configuration.flattened,
    thresholds: task.thresholds(test.part, validation),
    perClass: test.perClass,
    rowsLeftOut: test.rowsLeftOut,
    modelSummary: await readFile(path.join(artifacts, 'model-summary.txt'), 'utf8'),
    environment: JSON.parse(await readFile(path.join(artifacts, 'environment.json'), 'utf8')) as object,
    files: await filesBelow(artifacts),
  };
}

function facts({ run, dataset, history, epoch }: RunReportOptions, runId: string): ReportContent['facts'] {
  const { environment, parameters } = run;
  const counts = splitNames.map((name) => `${dataset.splits[name].ids.length} for ${name}`);
  const best = epoch === history.at(-1)?.epoch ? '' : `; the model is that of epoch ${epoch}, the best`;
  const optional = (name: string, value: string | null) => (value === null ? [] : [[name, value] as const]);
  return [
    ['run', runId],
    ...optional('MLflow run', environment.mlflowRunId),
    ...optional('image', environment.image),
    ['data', `${dataset.origin.description}: ${counts.join(', ')}`],
    ['epochs', `${history.length} of ${parameters.epochs}, in ${formatDuration(trainingMs(history))}${best}`],
    ['written', `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`],
  ];
}

function trainingMs(history: readonly EpochRecord[]): number {
  return 1000 * history.reduce((sum, { values }) => sum + (values.epoch_seconds ?? 0), 0);
}

/** Paths below a folder, without hidden files and the report itself. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && entry.name !== 'report.html')
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort();
}
