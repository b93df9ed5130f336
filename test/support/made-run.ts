import { join } from 'node:path';
import type { MetricPoint, MlflowClient, Run } from '../../src/mlflow/index.ts';
import type { ProjectClone } from './project-clone.ts';
import { recordedMetrics, recordedRun } from './recorded-run.ts';
import type { SlipwayEnd } from './slipway.ts';

/** A `make run` that ended well: what it wrote, and what the server has of it. */
export interface MadeRun {
  readonly end: SlipwayEnd;
  readonly run: Run;
  /** Every value of every metric, by key. */
  readonly metrics: Readonly<Record<string, readonly MetricPoint[]>>;
  /** The run folder. */
  readonly directory: string;
}

export interface MakeRunOptions {
  readonly client: MlflowClient;
  readonly storageDirectory: string;
  readonly experimentName: string;
  readonly runName: string;
  /** As for `P=`. */
  readonly parameters: string;
}

/** Types `make run …` in a clone. Throws with all its output where it does not end with 0. */
export async function makeRun(clone: ProjectClone, options: MakeRunOptions): Promise<MadeRun> {
  const { client, storageDirectory, experimentName, runName, parameters } = options;
  const words = [
    `P=${parameters}`,
    `RUN_NAME=${runName}`,
    `EXPERIMENT=${experimentName}`,
    `STORAGE=${storageDirectory}`,
  ];
  const end = await clone.make(['run', ...words], { MLFLOW_TRACKING_URI: client.trackingUri });
  if (end.exitCode !== 0) throw new Error(`make run ended with ${end.exitCode}:\n${end.stdout}\n${end.stderr}`);
  const run = await recordedRun(client, experimentName, runName);
  return {
    end,
    run,
    metrics: await recordedMetrics(client, run),
    directory: join(storageDirectory, 'runs', run.data.tags['slipway.id'] ?? ''),
  };
}
