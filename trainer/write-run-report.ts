import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { formatDuration } from '../src/util/format.ts';
import { type Dataset, splitNames } from './data/dataset.ts';
import type { Predictions } from './evaluation/predictions.ts';
import { testRemarks, trainingRemarks } from './evaluation/remarks.ts';
import { type ReportContent, writeReport } from './evaluation/report/report.ts';
import { bestF1Threshold, thresholdEffect } from './evaluation/threshold-choice.ts';
import { attempt } from './pictures.ts';
import { recordArtifacts } from './run-record.ts';
import type { TestResult } from './test-model.ts';
import type { EpochRecord } from './training/history.ts';
import type { TrainingRun } from './training-run.ts';

/** What a run's report is made of, besides the files that lie among its artifacts already. */
export interface RunReportOptions {
  readonly run: TrainingRun;
  readonly dataset: Dataset;
  readonly history: readonly EpochRecord[];
  /** The epoch whose weights the model has. */
  readonly epoch: number;
  /** Of that epoch. */
  readonly validation: Predictions;
  readonly test: TestResult;
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
  const { run, dataset, history, epoch, test, divergence } = options;
  const { artifacts, directory } = run.folder;
  const runId = path.basename(directory);
  const chosen = history.find((record) => record.epoch === epoch);
  return {
    title: run.environment.runName ?? (run.parameters.run_name || runId),
    facts: facts(options, runId),
    isSynthetic: dataset.origin.isSynthetic,
    divergence,
    remarks: [
      ...testRemarks(test.predictions),
      ...(divergence === null ? trainingRemarks(history, dataset.classNames.length) : []),
    ],
    testSamples: test.predictions.labels.length,
    metrics: { ...chosen?.values, ...test.metrics },
    parameters: run.configuration.flattened,
    thresholds: thresholds(options),
    perClass: test.perClass,
    rowsLeftOut: test.rowsLeftOut,
    modelSummary: await readFile(path.join(artifacts, 'model-summary.txt'), 'utf8'),
    environment: JSON.parse(await readFile(path.join(artifacts, 'environment.json'), 'utf8')) as object,
    files: await filesBelow(artifacts),
  };
}

function facts({ run, dataset, history }: RunReportOptions, runId: string): ReportContent['facts'] {
  const { environment, parameters } = run;
  const counts = splitNames.map((name) => `${dataset.splits[name].ids.length} for ${name}`);
  const optional = (name: string, value: string | null) => (value === null ? [] : [[name, value] as const]);
  return [
    ['run', runId],
    ...optional('MLflow run', environment.mlflowRunId),
    ...optional('image', environment.image),
    ['data', `${dataset.origin.description}: ${counts.join(', ')}`],
    ['epochs', `${history.length} of ${parameters.epochs}, in ${formatDuration(trainingMs(history))}`],
    ['written', `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`],
  ];
}

function trainingMs(history: readonly EpochRecord[]): number {
  return 1000 * history.reduce((sum, { values }) => sum + (values.epoch_seconds ?? 0), 0);
}

function thresholds({ test, validation }: RunReportOptions): ReportContent['thresholds'] {
  const { predictions } = test;
  const { threshold } = predictions;
  if (threshold === null) return [];
  const inUse = { chosen: 'in use', effect: thresholdEffect(predictions, threshold) };
  const best = validation === null ? null : bestF1Threshold(validation, threshold);
  if (best === null || validation === null) return [inUse];
  const { f1 } = thresholdEffect(validation, best);
  const chosen = `highest F1 on the validation samples (${f1.toFixed(4)} there)`;
  return [inUse, { chosen, effect: thresholdEffect(predictions, best) }];
}

/** Paths below a folder, without hidden files and the report itself. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && entry.name !== 'report.html')
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort();
}
