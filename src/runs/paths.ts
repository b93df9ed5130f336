import { join } from 'node:path';

/** Where everything of one run lies, as absolute paths. */
export interface RunPaths {
  readonly directory: string;
  /** `plan.json`: what will run; written once an attempt, by rename. */
  readonly plan: string;
  /** `state.json`: where the run stands; written by the agent alone. */
  readonly state: string;
  /** Folder of the run log: one `<writer>.ndjson` a writer. */
  readonly events: string;
  /** Folder of what the server has acknowledged: one `<writer>.json` a writer. */
  readonly sync: string;
  readonly inputs: string;
  readonly outputs: string;
  readonly artifacts: string;
  readonly checkpoints: string;
  readonly tensorboard: string;
  readonly logs: string;
  readonly stdoutLog: string;
  readonly stderrLog: string;
  readonly agentLog: string;
}

/** Folder that holds all runs of a storage folder. */
export function runsDirectory(storageDirectory: string): string {
  return join(storageDirectory, 'runs');
}

/** The paths of the run `runId` in a storage folder. */
export function runPaths(storageDirectory: string, runId: string): RunPaths {
  return runPathsOf(join(runsDirectory(storageDirectory), runId));
}

/** The folder that keeps `plan.json` and `state.json` of an attempt before the last one. */
export function attemptDirectory(runDirectory: string, attempt: number): string {
  return join(runDirectory, 'attempts', String(attempt));
}

/** The paths of the run in a run folder, for those who know only the folder (`SLIPWAY_RUN_DIR`). */
export function runPathsOf(directory: string): RunPaths {
  const logs = join(directory, 'logs');
  return {
    directory,
    plan: join(directory, 'plan.json'),
    state: join(directory, 'state.json'),
    events: join(directory, 'events'),
    sync: join(directory, 'sync'),
    inputs: join(directory, 'inputs'),
    outputs: join(directory, 'outputs'),
    artifacts: join(directory, 'artifacts'),
    checkpoints: join(directory, 'checkpoints'),
    tensorboard: join(directory, 'tensorboard'),
    logs,
    stdoutLog: join(logs, 'stdout.log'),
    stderrLog: join(logs, 'stderr.log'),
    agentLog: join(logs, 'agent.log'),
  };
}
