import { resolve } from 'node:path';
import { z } from 'zod';
import { environment } from '../config.ts';
import { UsageError } from '../errors.ts';
import type { EventSink } from '../events.ts';
import { type LaunchRequest, usualRequest } from '../launch/request.ts';
import { didYouMean } from '../util/closest.ts';
import { gpuRequestForms, isGpuRequest } from '../util/gpu-request.ts';
import { modelNameProblem } from '../util/model-name.ts';
import { locateProject } from '../util/project-address.ts';
import { isSecretFileName, secretNameForms } from '../util/secret-file.ts';

/** What {@link launch} is asked for. Everything has the default of `slipway run`. */
export interface LaunchOptions {
  /** Folder with the MLproject, or the address of a git repository, with `#folder`; by default the working directory. */
  readonly project?: string;
  /** Branch, tag or commit of the repository; its default branch by default. */
  readonly version?: string;
  /** Entry point of the MLproject, or a script of the project; `main` by default. */
  readonly entryPoint?: string;
  /** Parameters by name, as `-P name=value`; those left away have the MLproject's defaults. */
  readonly parameters?: Readonly<Record<string, string | number | boolean>>;
  /** The trainer's configuration file, a path in the project; by default `runs/<run name>/config.yaml` where it is there. */
  readonly configFile?: string;
  /** Name of the run; drawn by default. */
  readonly runName?: string;
  /** Experiment by its name, made where it is missing; by default MLFLOW_EXPERIMENT_NAME, else `project_name` of the configuration file, else the project's name. */
  readonly experimentName?: string;
  /** Experiment by its id, instead of its name. */
  readonly experimentId?: string;
  /** Whether an experiment that was deleted is brought back, with its runs; otherwise it is an error. */
  readonly restoreExperiment?: boolean;
  /**
   * Whether the run may do without its tracking server: `always` speaks to none, `allowed` begins without it where it is
   * away, `never`, the default, fails then. `slipway sync` brings it there.
   */
  readonly offline?: 'never' | 'allowed' | 'always';
  /** Where to run; by default `auto`: in Docker where an engine answers, else on this machine without a container. */
  readonly engine?: 'auto' | 'docker' | 'host';
  /** GPUs to train on: `all`, a number of them, or `device=0,1`; `none` by default. */
  readonly gpus?: string | number;
  /** Folder for data and runs; by default SLIPWAY_STORAGE, else `/storage` where it can be written, else `storage` in the project. */
  readonly storage?: string;
  /** Image to build upon; `node:24-slim` by default. */
  readonly baseImage?: string;
  /** Name to register the model under, by default the project's; false registers none. */
  readonly registerModel?: string | false;
  /** Names of variables that are handed on to the program; their values are never shown or kept. */
  readonly env?: readonly string[];
  /** Files of variables for the program, `NAME=value` a line, as for `docker run --env-file`. */
  readonly envFiles?: readonly string[];
  /** Files that the program reads as `/run/secrets/NAME`, by name. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Processors the container may use; no limit by default. */
  readonly cpus?: number;
  /** Memory the container may use, in MiB; no limit by default. */
  readonly memoryMiB?: number;
  /** Size of `/dev/shm` in the container, in MiB; the engine's by default. */
  readonly shmMiB?: number;
  /** Processes the container may hold; 4096 by default. */
  readonly pids?: number;
  /** How long to wait, after the program's end, for all values to reach the server, in milliseconds; 60,000 by default. */
  readonly drainTimeoutMs?: number;
  /** Time between a polite stop and a forced one, in milliseconds; 30,000 by default. */
  readonly stopGraceMs?: number;
  /** Time between two samples of what the program uses, in milliseconds, from 1000; 0 for none; 10,000 by default. */
  readonly systemMetricsIntervalMs?: number;
  /**
   * The environment of the launch, such as MLFLOW_TRACKING_URI and DOCKER_HOST, and of a program on the host; by default
   * that of this process. It takes its place as a whole, as `env` of Node's `spawn` does.
   */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /**
   * Aborted, it stops the run politely, and by force after `stopGraceMs`; a program that has ended is not stopped any
   * more.
   */
  readonly signal?: AbortSignal;
  /** Told of everything that happens, while it happens. An error that it throws stops the run, and is thrown by `launch`. */
  readonly onEvent?: EventSink;
}

const text = z.string().min(1, 'must not be empty');
const modelName = z.string().refine((name) => modelNameProblem(name) === null, {
  error: ({ input }) => modelNameProblem(String(input)) ?? '',
});
const gpusProblem = `must be ${gpuRequestForms}; or none`;
const milliseconds = z.number().int().nonnegative();
const samplingInterval = milliseconds
  .max(3_600_000, 'must be 3600000 or less')
  .refine((value) => value === 0 || value >= 1000, 'must be 0, or 1000 or more');
const optionsSchema = z.strictObject({
  project: text.optional(),
  version: text.optional(),
  entryPoint: text.optional(),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  configFile: text.optional(),
  runName: text.optional(),
  experimentName: text.optional(),
  experimentId: text.optional(),
  restoreExperiment: z.boolean().optional(),
  offline: z.enum(['never', 'allowed', 'always']).optional(),
  engine: z.enum(['auto', 'docker', 'host']).optional(),
  gpus: z
    .union([z.string(), z.number()], gpusProblem)
    .refine((value) => value === 'none' || isGpuRequest(String(value)), gpusProblem)
    .optional(),
  storage: text.optional(),
  baseImage: text.optional(),
  registerModel: z.union([modelName, z.literal(false)]).optional(),
  env: z.array(text).optional(),
  envFiles: z.array(text).optional(),
  secrets: z.record(z.string().refine(isSecretFileName, `must be a name of ${secretNameForms}`), text).optional(),
  cpus: z.number().positive().optional(),
  memoryMiB: z.number().int().positive().optional(),
  shmMiB: z.number().int().positive().optional(),
  pids: z.number().int().positive().optional(),
  drainTimeoutMs: milliseconds.optional(),
  stopGraceMs: milliseconds.optional(),
  systemMetricsIntervalMs: samplingInterval.optional(),
  environment: z.record(z.string(), z.string().optional()).optional(),
  signal: z.instanceof(AbortSignal).optional(),
  onEvent: z.custom<EventSink>((value) => typeof value === 'function', 'must be a function').optional(),
}) satisfies z.ZodType<LaunchOptions>;

/** What a launch does, and whom it tells. */
export interface CheckedOptions {
  readonly request: LaunchRequest;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly onEvent: EventSink;
}

/** Checks the options and fills in the defaults. Throws UsageError that names the option that is wrong. */
export function checkOptions(options: LaunchOptions): CheckedOptions {
  const checked = optionsSchema.safeParse(options);
  if (!checked.success) throw refusal(checked.error.issues[0] as z.core.$ZodIssue);
  const {
    project,
    parameters,
    gpus,
    registerModel,
    env,
    envFiles,
    secrets,
    environment: variables,
    signal,
    onEvent,
    ...rest
  } = checked.data;
  if (rest.experimentName !== undefined && rest.experimentId !== undefined) {
    throw new UsageError('launch was given experimentName and experimentId: one of them must say which it is.');
  }
  return {
    request: {
      ...usualRequest,
      ...withoutUndefined(rest),
      project: locateProject(project ?? '.'),
      parameters: Object.entries(parameters ?? {}).map(([name, value]) => `${name}=${value}`),
      gpus: gpus === undefined || gpus === 'none' ? null : String(gpus),
      registerModel: registerModel === false ? '' : (registerModel ?? null),
      passEnvironment: env ?? [],
      envFiles: (envFiles ?? []).map((file) => resolve(file)),
      secretFiles: Object.fromEntries(Object.entries(secrets ?? {}).map(([name, file]) => [name, resolve(file)])),
    },
    environment: variables ?? environment(),
    signal: signal ?? new AbortController().signal,
    onEvent: onEvent ?? (() => {}),
  };
}

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** An option that is there and undefined is one that was not given. */
function withoutUndefined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}

function refusal(issue: z.core.$ZodIssue): UsageError {
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    return new UsageError(`launch has no option ${key}${didYouMean(key, Object.keys(optionsSchema.shape)) || '.'}`);
  }
  const words = issue.message.replace(/^Invalid (input|option): /, '').replaceAll('record', 'object');
  return new UsageError(`The option ${issue.path.join('.') || 'object'} of launch is wrong: ${words}.`);
}
