/** What is the same for every event of a run log. */
export interface RunLogEventBase {
  /** Who wrote it: `trainer`, `agent`, or the name of a program's own file. */
  readonly writer: string;
}

/** A value of a metric. */
export interface MetricEvent extends RunLogEventBase {
  /** Tells the kind of event. */
  readonly type: 'metric';
  /** Name of the metric. */
  readonly key: string;
  /** The value, NaN and infinities included. */
  readonly value: number;
  /** What it belongs to on the horizontal axis: with our trainer the epoch, from 1. */
  readonly step: number;
  /** When it was measured, in milliseconds since 1970. */
  readonly timeMs: number;
  /** Name of the data set it was measured on. */
  readonly dataset?: string | undefined;
  /** Name of the model it belongs to. */
  readonly model?: string | undefined;
}

/** A parameter that the program used. */
export interface ParamEvent extends RunLogEventBase {
  /** Tells the kind of event. */
  readonly type: 'param';
  /** Name of the parameter. */
  readonly key: string;
  /** The value as text. */
  readonly value: string;
}

/** A tag of the run. */
export interface TagEvent extends RunLogEventBase {
  /** Tells the kind of event. */
  readonly type: 'tag';
  /** Name of the tag. */
  readonly key: string;
  /** The value as text. */
  readonly value: string;
}

/** A file or folder that is kept with the run. */
export interface ArtifactEvent extends RunLogEventBase {
  /** Tells the kind of event. */
  readonly type: 'artifact';
  /** Its path below the run folder. */
  readonly path: string;
  /** Folder among the run's artifacts. */
  readonly to?: string | undefined;
}

/** A table, or an image, of one step of the run. */
export interface StepFileEvent extends RunLogEventBase {
  /** Tells the kind of event. */
  readonly type: 'table' | 'image';
  /** What it is called at every step. */
  readonly key: string;
  /** Path of its file below the run folder. */
  readonly path: string;
  /** The step it belongs to. */
  readonly step: number;
  /** When it was made, in milliseconds since 1970. */
  readonly timeMs: number;
}

/** A data set that the run used. */
export interface DatasetEvent extends RunLogEventBase {
  /** Tells the kind of event. */
  readonly type: 'dataset';
  /** Name of the data set. */
  readonly name: string;
  /** Digest of its content. */
  readonly digest: string;
  /** What it was used for, such as `training`. */
  readonly context: string;
  /** What kind of source it is from, such as `local`. */
  readonly sourceType: string;
  /** Where it is from. */
  readonly source: string;
  /** What a sample is, in JSON. */
  readonly schema?: string | undefined;
  /** How many samples there are, and more, in JSON. */
  readonly profile?: string | undefined;
}

/** A model that the run made. */
export interface ModelEvent extends RunLogEventBase {
  /** Tells the kind of event. */
  readonly type: 'model';
  /** Name of the model within the run. */
  readonly name: string;
  /** Path of its folder below the run folder. */
  readonly path: string;
  /** Name it is registered under; null where it is not registered. */
  readonly register: string | null;
  /** Aliases its registered version gets. */
  readonly aliases?: readonly string[] | undefined;
  /** Values measured on it, by metric. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Name of the data set they were measured on. */
  readonly dataset?: string | undefined;
  /** The step at which it was made. */
  readonly step?: number | undefined;
  /** Parameters of the model, by name. */
  readonly params?: Readonly<Record<string, string>> | undefined;
  /** Tags of the model, by name. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** How far a stage of the program was. */
export interface ProgressEvent extends RunLogEventBase {
  /** Tells the kind of event. */
  readonly type: 'progress';
  /** Name of the stage. */
  readonly stage: string;
  /** How many units are done. */
  readonly done: number;
  /** How many there are. */
  readonly total: number;
  /** What is counted, such as `samples`. */
  readonly unit: string;
  /** When that was, in milliseconds since 1970. */
  readonly timeMs: number;
}

/** How the program itself says that it ended. The run's status follows its exit code. */
export interface EndEvent extends RunLogEventBase {
  /** Tells the kind of event. */
  readonly type: 'end';
  /** The end in MLflow's words. */
  readonly status: 'FINISHED' | 'FAILED' | 'KILLED';
  /** Why, in a sentence. */
  readonly reason?: string | undefined;
}

/**
 * An event of a run log, as {@link readRunLog} gives it: told apart by `type`. In the file the names of two words are
 * written with an underscore, and numbers that JSON does not have as text.
 */
export type RunLogEvent =
  | MetricEvent
  | ParamEvent
  | TagEvent
  | ArtifactEvent
  | StepFileEvent
  | DatasetEvent
  | ModelEvent
  | ProgressEvent
  | EndEvent;
