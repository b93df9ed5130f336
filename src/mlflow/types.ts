/** Where a run stands. */
export type RunStatus = 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED';
/** Whether something was deleted: it can be restored. */
export type LifecycleStage = 'active' | 'deleted';
/** Which things a search shows. */
export type ViewType = 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL';
/** Texts by name. */
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
  /** What was found, in the query's order. */
  readonly items: readonly T[];
  /** For the next page; null on the last one. */
  readonly nextPageToken: string | null;
}

/** An experiment, as the server has it. */
export interface Experiment {
  /** A number as text. */
  readonly experimentId: string;
  /** Unique on the server. */
  readonly name: string;
  /** Root of its runs' artifacts. */
  readonly artifactLocation: string;
  /** Whether it was deleted. */
  readonly lifecycleStage: LifecycleStage;
  /** Milliseconds since 1970; null where the server does not tell. */
  readonly creationTimeMs: number | null;
  /** Milliseconds since 1970; null where the server does not tell. */
  readonly lastUpdateTimeMs: number | null;
  /** Its tags. */
  readonly tags: StringRecord;
}

/** One value of a metric. `value` may be NaN or infinite. */
export interface MetricPoint {
  /** Name of the metric. */
  readonly key: string;
  /** A number, NaN and infinities included. */
  readonly value: number;
  /** An integer; what it counts is for you to say. */
  readonly step: number;
  /** Milliseconds since 1970, an integer. */
  readonly timestampMs: number;
  /** Links the value to a logged model. */
  readonly modelId?: string;
  /** Links the value to a dataset of the run's inputs; needs `datasetDigest`. */
  readonly datasetName?: string;
  /** Digest of that dataset. */
  readonly datasetDigest?: string;
}

/** What a run is. */
export interface RunInfo {
  /** 32 hexadecimal digits. */
  readonly runId: string;
  /** The experiment it belongs to. */
  readonly experimentId: string;
  /** Need not be unique. */
  readonly runName: string;
  /** Where it stands. */
  readonly status: RunStatus;
  /** Milliseconds since 1970. */
  readonly startTimeMs: number;
  /** Milliseconds since 1970; null until it has ended. */
  readonly endTimeMs: number | null;
  /** Root of its artifacts, for `openArtifactStore`. */
  readonly artifactUri: string;
  /** Whether it was deleted. */
  readonly lifecycleStage: LifecycleStage;
}

/** What was logged to a run. */
export interface RunData {
  /** Parameters by name, as text. */
  readonly params: StringRecord;
  /** The latest value of each metric. */
  readonly metrics: Readonly<Record<string, number>>;
  /** The same with step and time. */
  readonly latestMetrics: readonly MetricPoint[];
  /** Its tags. */
  readonly tags: StringRecord;
}

/** A run, as the server has it. */
export interface Run {
  /** What it is. */
  readonly info: RunInfo;
  /** What was logged to it. */
  readonly data: RunData;
  /** What it used. */
  readonly inputs: {
    readonly datasets: readonly DatasetInput[];
    readonly models: readonly { readonly modelId: string }[];
  };
  /** Logged models it made; MLflow 3. */
  readonly outputs: { readonly models: readonly ModelOutput[] };
}

/** A dataset as MLflow records it: `schema` and `profile` are JSON texts. */
export interface Dataset {
  /** Up to 500 characters. */
  readonly name: string;
  /** At most 36 characters. */
  readonly digest: string;
  /** What kind of source it is from, such as `local`. */
  readonly sourceType: string;
  /** Where it is from; what it holds depends on the kind. */
  readonly source: string;
  /** What a sample is. */
  readonly schema?: string;
  /** How many samples there are, and more. */
  readonly profile?: string;
}

/** A dataset that a run used. */
export interface DatasetInput {
  /** The dataset. */
  readonly dataset: Dataset;
  /** `mlflow.data.context` says what for: `training`. */
  readonly tags: StringRecord;
}

/** A logged model a run made, at a step. */
export interface ModelOutput {
  /** The logged model. */
  readonly modelId: string;
  /** The step at which it was made. */
  readonly step: number;
}

/** Whether a logged model can be used: READY. */
export type LoggedModelStatus = 'PENDING' | 'READY' | 'UPLOAD_FAILED' | 'UNSPECIFIED';

/** A model that was logged, as the server has it; MLflow 3. */
export interface LoggedModel {
  /** `m-` and 32 hexadecimal digits. */
  readonly modelId: string;
  /** The experiment it belongs to. */
  readonly experimentId: string;
  /** Need not be unique. */
  readonly name: string;
  /** Root of its files, for `openArtifactStore`. */
  readonly artifactUri: string;
  /** Whether it can be used. */
  readonly status: LoggedModelStatus;
  /** What kind of model it is; null where nobody said. */
  readonly modelType: string | null;
  /** The run that made it; null where none did. */
  readonly sourceRunId: string | null;
  /** Milliseconds since 1970. */
  readonly creationTimeMs: number;
  /** Milliseconds since 1970. */
  readonly lastUpdateTimeMs: number;
  /** Parameters it was made with. */
  readonly params: StringRecord;
  /** Its tags. */
  readonly tags: StringRecord;
  /** Values that were measured on it. */
  readonly metrics: readonly MetricPoint[];
}

/** A registered model, as the server has it. */
export interface RegisteredModel {
  /** Unique on the server. */
  readonly name: string;
  /** Text for people, in Markdown; null where there is none. */
  readonly description: string | null;
  /** Milliseconds since 1970; null where the server does not tell. */
  readonly creationTimeMs: number | null;
  /** Milliseconds since 1970; null where the server does not tell. */
  readonly lastUpdateTimeMs: number | null;
  /** Its tags. */
  readonly tags: StringRecord;
  /** Version by alias. */
  readonly aliases: StringRecord;
}

/** A version of a registered model, as the server has it. */
export interface ModelVersion {
  /** The registered model. */
  readonly name: string;
  /** A number as text. */
  readonly version: string;
  /** Where its files are: `models:/<model id>`, or a folder of artifacts. */
  readonly source: string;
  /** The run that made it; null where none is known. */
  readonly runId: string | null;
  /** Null where the server keeps no logged models or does not tell. */
  readonly modelId: string | null;
  /** READY where it can be used. */
  readonly status: string;
  /** Text for people, in Markdown; null where there is none. */
  readonly description: string | null;
  /** Milliseconds since 1970; null where the server does not tell. */
  readonly creationTimeMs: number | null;
  /** Milliseconds since 1970; null where the server does not tell. */
  readonly lastUpdateTimeMs: number | null;
  /** Its tags. */
  readonly tags: StringRecord;
  /** Names that lead to this version. */
  readonly aliases: readonly string[];
}

/** A file or folder among artifacts. */
export interface FileInfo {
  /** Relative to the root of the artifacts, with `/`. */
  readonly path: string;
  /** True for a folder. */
  readonly isDirectory: boolean;
  /** Null for a directory. */
  readonly byteLength: number | null;
}
