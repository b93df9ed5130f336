import { availableParallelism } from 'node:os';

/** What the launcher, or `mlflow run`, tells the program through its environment. */
export interface TrainerEnvironment {
  /** The run folder as this process sees it; null where no launcher made one. */
  readonly runDirectory: string | null;
  /** Whether a run that was interrupted goes on in that folder. */
  readonly resume: boolean;
  /** The storage folder; null where none is named. */
  readonly storageDirectory: string | null;
  readonly mlflowRunId: string | null;
  readonly mlflowTrackingUri: string | null;
  /** The run's name, as people know it; null where none is told. */
  readonly runName: string | null;
  /** Name under which the model is registered; null where it is not. */
  readonly registerModel: string | null;
  /** The GPUs that were asked for (`all`, a count, `device=0`); null where none were. */
  readonly gpus: string | null;
  /** The container image's name; null outside. */
  readonly image: string | null;
  /** Everything, for the MLflow client's own variables. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** Reads the trainer's environment variables; an empty variable counts as absent. */
export function trainerEnvironment(
  variables: Readonly<Record<string, string | undefined>> = process.env,
): TrainerEnvironment {
  const read = (name: string): string | null => variables[name] || null;
  return {
    runDirectory: read('SLIPWAY_RUN_DIR'),
    resume: read('SLIPWAY_RESUME') === '1',
    storageDirectory: read('SLIPWAY_STORAGE'),
    mlflowRunId: read('MLFLOW_RUN_ID'),
    mlflowTrackingUri: read('MLFLOW_TRACKING_URI'),
    runName: read('MLFLOW_RUN_NAME'),
    registerModel: read('SLIPWAY_REGISTER_MODEL'),
    gpus: read('SLIPWAY_GPUS'),
    image: read('SLIPWAY_IMAGE'),
    variables,
  };
}

/**
 * Sets what TensorFlow's library reads from the environment while it loads, so it must be called before that.
 * Returns the number of threads in use; `threads` 0 means one a core.
 */
export function prepareLibraryEnvironment(threads: number): number {
  const used = threads === 0 ? availableParallelism() : threads;
  process.env.TF_NUM_INTRAOP_THREADS = String(used);
  process.env.TF_NUM_INTEROP_THREADS ??= String(used);
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
  // Without it the library takes all memory of a GPU at its start.
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
  return used;
}
