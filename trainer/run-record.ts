import path from 'node:path';
import type { RunLogAppender } from '../src/runlog/index.ts';
import { countClasses, type Dataset, type SplitName, splitNames } from './data/dataset.ts';
import type { EpochRecord } from './training/history.ts';

/** Progress is shown to people: more often than this is of no use. */
const progressIntervalMs = 200;

/** A data set's name in the run log: each part is a data set of its own there. */
export function splitDatasetName({ origin }: Dataset, split: SplitName): string {
  return `${origin.name}-${split}`;
}

/** MLflow's form of a tensor: `mlflow.types.Schema.to_json`. */
function tensorSchema(dtype: string, shape: readonly number[]): string {
  return JSON.stringify([{ type: 'tensor', 'tensor-spec': { dtype, shape } }]);
}

/** Says which data the run uses. */
export function recordDatasets(log: RunLogAppender, dataset: Dataset): void {
  const features = tensorSchema(dataset.dtype, [-1, ...dataset.imageShape]);
  const { classNames } = dataset;
  const hasClasses = classNames.length > 0;
  const targets = hasClasses ? tensorSchema('int64', [-1]) : null;
  for (const split of splitNames) {
    const { ids, labels, digest } = dataset.splits[split];
    log.dataset({
      name: splitDatasetName(dataset, split),
      digest,
      context: split,
      source_type: dataset.origin.sourceType,
      source: dataset.origin.source,
      schema: JSON.stringify({ mlflow_tensorspec: { features, targets } }),
      profile: JSON.stringify({
        num_rows: ids.length,
        ...(hasClasses ? { class_counts: countClasses(labels, classNames) } : {}),
      }),
    });
  }
}

/** Logs the parameters as this program understood them, and what they came to. */
export function recordParameters(
  log: RunLogAppender,
  parameters: Readonly<Record<string, string | number | boolean>>,
  resolved: Readonly<Record<string, string | number>>,
): void {
  // The run's name is no parameter of its results, and MLflow keeps it elsewhere.
  const { run_name: _, ...logged } = parameters;
  for (const [key, value] of Object.entries({ ...logged, ...resolved })) log.param(key, value);
}

export function recordEpoch(log: RunLogAppender, { epoch, values }: EpochRecord): void {
  for (const [key, value] of Object.entries(values)) log.metric(key, value, epoch);
}

/** Files below the run folder that are to be uploaded. */
export function recordArtifacts(log: RunLogAppender, runDirectory: string, files: readonly string[]): void {
  for (const file of files) log.artifact(path.relative(runDirectory, file));
}

/** Appends progress events, at most a few a second; the last of a stage always. */
export function progressReporter(
  log: RunLogAppender,
): (stage: string, done: number, total: number, unit: string) => void {
  let lastAtMs = 0;
  let lastStage = '';
  return (stage, done, total, unit) => {
    const nowMs = Date.now();
    if (stage === lastStage && done !== total && nowMs - lastAtMs < progressIntervalMs) return;
    lastAtMs = nowMs;
    lastStage = stage;
    log.progress(stage, done, total, unit);
  };
}
