/** Where a run stands. */
export type RunStatus = 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED';
export type LifecycleStage = 'active' | 'deleted';
/** Which things a search shows. */
export type ViewType = 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL';
export type StringRecord = Readonly<Record<string, string>>;

/** Options of every call. */
export interface CallOptions {
  /** Ends the call, its pauses included, with the signal's reason. */
  readonly signal?: AbortSignal;
  /** How long the server may be silent; defaults to the client's. */
  readonly timeoutMs?: number;
  /** How often the request is repeated at most after a failure that may pass; defaults to the client's. */
  readonly maximumRetries?: number;
}

/** One page of a search; `nextPageToken` is null on the last one. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextPageToken: string | null;
}

export interface Experiment {
  readonly experimentId: string;
  readonly name: string;
  readonly artifactLocation: string;
  readonly lifecycleStage: LifecycleStage;
  readonly creationTimeMs: number | null;
  readonly lastUpdateTimeMs: number | null;
  readonly tags: StringRecord;
}

/** One value of a metric. `value` may be NaN or infinite. */
export interface MetricPoint {
  readonly key: string;
  readonly value: number;
  readonly step: number;
  /** Milliseconds since 1970, an integer. */
  readonly timestampMs: number;
  /** Links the value to a logged model. */
  readonly modelId?: string;
  /** Links the value to a dataset of the run's inputs; needs `datasetDigest`. */
  readonly datasetName?: string;
  readonly datasetDigest?: string;
}

export interface RunInfo {
  readonly runId: string;
  readonly experimentId: string;
  readonly runName: string;
  readonly status: RunStatus;
  readonly startTimeMs: number;
  readonly endTimeMs: number | null;
  readonly artifactUri: string;
  readonly lifecycleStage: LifecycleStage;
}

export interface RunData {
  readonly params: StringRecord;
  /** The latest value of each metric. */
  readonly metrics: Readonly<Record<string, number>>;
  /** The same with step and time. */
  readonly latestMetrics: readonly MetricPoint[];
  readonly tags: StringRecord;
}

export interface Run {
  readonly info: RunInfo;
  readonly data: RunData;
  readonly inputs: {
    readonly datasets: readonly DatasetInput[];
    readonly models: readonly { readonly modelId: string }[];
  };
  readonly outputs: { readonly models: readonly ModelOutput[] };
}

/** A dataset as MLflow records it: `schema` and `profile` are JSON texts. */
export interface Dataset {
  readonly name: string;
  /** At most 36 characters. */
  readonly digest: string;
  readonly sourceType: string;
  readonly source: string;
  readonly schema?: string;
  readonly profile?: string;
}

export interface DatasetInput {
  readonly dataset: Dataset;
  readonly tags: StringRecord;
}

/** A logged model a run made, at a step. */
export interface ModelOutput {
  readonly modelId: string;
  readonly step: number;
}

export type LoggedModelStatus = 'PENDING' | 'READY' | 'UPLOAD_FAILED' | 'UNSPECIFIED';

export interface LoggedModel {
  readonly modelId: string;
  readonly experimentId: string;
  readonly name: string;
  readonly artifactUri: string;
  readonly status: LoggedModelStatus;
  readonly modelType: string | null;
  readonly sourceRunId: string | null;
  readonly creationTimeMs: number;
  readonly lastUpdateTimeMs: number;
  readonly params: StringRecord;
  readonly tags: StringRecord;
  readonly metrics: readonly MetricPoint[];
}

export interface RegisteredModel {
  readonly name: string;
  readonly description: string | null;
  readonly creationTimeMs: number | null;
  readonly lastUpdateTimeMs: number | null;
  readonly tags: StringRecord;
  /** Version by alias. */
  readonly aliases: StringRecord;
}

export interface ModelVersion {
  readonly name: string;
  /** A number as text. */
  readonly version: string;
  readonly source: string;
  readonly runId: string | null;
  /** Null where the server keeps no logged models or does not tell. */
  readonly modelId: string | null;
  readonly status: string;
  readonly description: string | null;
  readonly creationTimeMs: number | null;
  readonly lastUpdateTimeMs: number | null;
  readonly tags: StringRecord;
  readonly aliases: readonly string[];
}

export interface FileInfo {
  /** Relative to the root of the artifacts, with `/`. */
  readonly path: string;
  readonly isDirectory: boolean;
  /** Null for a directory. */
  readonly byteLength: number | null;
}
