import { type RunPlan, usualSystemMetricsIntervalMs } from '../runs/plan.ts';
import { usualPids } from '../runs/plan-options.ts';

/** What a person asked for: the arguments of `slipway run`, parsed but not yet judged. */
export interface LaunchRequest {
  /** The project: an absolute folder, or the address of a repository with `#folder`, as typed. */
  readonly project: string;
  /** A branch, a tag or a commit of the repository; null for its default branch, and for a folder. */
  readonly version: string | null;
  readonly entryPoint: string;
  /** As given with -P, in order. */
  readonly parameters: readonly string[];
  /** The trainer's configuration file, a path in the project; null for `runs/<run name>/config.yaml` where it is there. */
  readonly configFile: string | null;
  readonly runName: string | null;
  readonly experimentName: string | null;
  readonly experimentId: string | null;
  /** Whether an experiment that was deleted is brought back. */
  readonly restoreExperiment: boolean;
  /** `always`: without a server. `allowed`: without it as long as it is away. `never`: it must be there. */
  readonly offline: RunPlan['tracking']['offline'];
  readonly engine: 'docker' | 'host' | 'auto';
  readonly gpus: string | null;
  readonly storage: string | null;
  readonly baseImage: string | null;
  /** Name, or an empty string for none; null for the project's default. */
  readonly registerModel: string | null;
  readonly passEnvironment: readonly string[];
  /** Files of variables, absolute, in order. */
  readonly envFiles: readonly string[];
  /** Files of secrets, absolute, by the secret's name. */
  readonly secretFiles: Readonly<Record<string, string>>;
  readonly cpus: number | null;
  readonly memoryMiB: number | null;
  readonly shmMiB: number | null;
  readonly pids: number;
  readonly drainTimeoutMs: number;
  readonly stopGraceMs: number;
  /** Time between two samples of what the program uses; 0 for none. */
  readonly systemMetricsIntervalMs: number;
}

/** What a person asked for who resumes a run. */
export interface ResumeRequest {
  /** The run: its id, its id in MLflow, the start of either, or its name. */
  readonly run: string;
  /** What was asked for besides, as for a launch. */
  readonly wishes: LaunchRequest;
  /** The options among the wishes that were given; the others stand for nothing. */
  readonly given: ReadonlySet<keyof LaunchRequest>;
}

/** What is asked for where a person says nothing: of the command line and of the library alike. */
export const usualRequest: Omit<LaunchRequest, 'project'> = {
  version: null,
  entryPoint: 'main',
  parameters: [],
  configFile: null,
  runName: null,
  experimentName: null,
  experimentId: null,
  restoreExperiment: false,
  offline: 'never',
  engine: 'auto',
  gpus: null,
  storage: null,
  baseImage: null,
  registerModel: null,
  passEnvironment: [],
  envFiles: [],
  secretFiles: {},
  cpus: null,
  memoryMiB: null,
  shmMiB: null,
  // A limit on processes that no honest training meets and a fork bomb does.
  pids: usualPids,
  drainTimeoutMs: 60_000,
  stopGraceMs: 30_000,
  systemMetricsIntervalMs: usualSystemMetricsIntervalMs,
};
