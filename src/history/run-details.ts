import type { MlflowClient } from '../mlflow/index.ts';
import type { RunState } from '../runs/state.ts';
import type { RecordedRun } from './recorded-run.ts';

/** The last and the best value of a metric. */
export interface MetricExtremes {
  readonly last: number;
  readonly lastStep: number;
  /** Null where there is no history of several finite values, or where it is too long to be read. */
  readonly best: number | null;
  readonly bestStep: number | null;
}

export interface DetailedArtifact {
  /** Below the root of the run's artifacts, with `/`. */
  readonly path: string;
  readonly isDirectory: boolean;
  /** Null for a folder. */
  readonly byteLength: number | null;
}

export interface DetailedModel {
  /** The registered model's name and version; null where the model was only logged. */
  readonly name: string | null;
  readonly version: string | null;
  readonly aliases: readonly string[];
  /** MLflow's id of the logged model; null on servers of version 2. */
  readonly modelId: string | null;
  readonly url: string;
}

/** The run's folder on this machine. */
export interface RunFolder {
  readonly directory: string;
  readonly logs: readonly string[];
  readonly state: RunState | null;
  /** Whether all of it is on the server. */
  readonly isOnServer: boolean;
  /** What is wrong with the folder; null for nothing. */
  readonly problem: string | null;
}

/** All that is known of one run; the shape of `slipway runs show --json`. */
export interface RunDetails {
  /** The tracking server that has it; null where it is known from its folder alone. */
  readonly server: string | null;
  readonly run: Omit<RecordedRun, 'mlflowRunId' | 'experimentId' | 'url'> & {
    readonly mlflowRunId: string | null;
    readonly experimentId: string | null;
    readonly url: string | null;
  };
  readonly experimentName: string | null;
  /** Parameters that have the value their MLproject gives them by default; null where that MLproject is not here. */
  readonly defaultParameters: readonly string[] | null;
  /** Parameters that the MLproject does not declare: the program recorded them itself. */
  readonly programParameters: readonly string[];
  readonly metrics: Readonly<Record<string, MetricExtremes>>;
  readonly primaryMetric: {
    readonly key: string;
    readonly steps: readonly number[];
    readonly values: readonly number[];
  } | null;
  readonly artifacts: readonly DetailedArtifact[];
  /** Whether there are more artifacts than these. */
  readonly hasMoreArtifacts: boolean;
  /** Why not all artifacts could be listed: a sentence; null where they could. */
  readonly artifactsProblem: string | null;
  readonly models: readonly DetailedModel[];
  readonly folder: RunFolder | null;
  /** The experiment's table of runs and its charts. */
  readonly runsUrl: string | null;
  readonly chartsUrl: string | null;
  /** The words that run it again after the program's name; null for a run that Slipway did not make. */
  readonly again: readonly string[] | null;
}

/** Where the details of a run are read. */
export interface DetailSources {
  readonly client: MlflowClient;
  readonly signal: AbortSignal;
}
