import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { atomicWriteFile } from '../src/util/atomic-write-file.ts';
import type { Evaluator } from './components/evaluator.ts';
import type { ScoredPart } from './evaluation/scored-part.ts';
import type { Task } from './evaluation/tasks/task.ts';
import { type AskedNetwork, partSamples } from './part-samples.ts';
import { recordArtifacts, splitDatasetName } from './run-record.ts';

/** What says something of each data point. */
export interface PointsOptions extends AskedNetwork {
  readonly task: Task;
  readonly evaluator: Evaluator<object>;
  /** The epoch whose weights the network has. */
  readonly epoch: number;
}

/** `reports/validation.csv` and `reports/test.csv`, and the mean of each evaluation function as a metric. */
export async function recordPoints(
  options: PointsOptions,
  parts: { readonly validation: ScoredPart; readonly test: ScoredPart },
): Promise<void> {
  const { run, task, evaluator, dataset, epoch } = options;
  const functions = evaluator.getEvalFuncs();
  const directory = path.join(run.folder.artifacts, 'reports');
  await mkdir(directory, { recursive: true });
  for (const part of ['validation', 'test'] as const) {
    const { csv, means } = await task.evaluatePoints(parts[part], functions, partSamples(options, part));
    const file = path.join(directory, `${part}.csv`);
    await atomicWriteFile(file, csv);
    recordArtifacts(run.log, run.folder.directory, [file]);
    const prefix = part === 'test' ? 'test_' : 'val_';
    for (const [key, value] of Object.entries(means)) {
      run.log.metric(`${prefix}${key}`, value, epoch, { dataset: splitDatasetName(dataset, part) });
    }
  }
}
