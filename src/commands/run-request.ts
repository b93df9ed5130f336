import { resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import type { LaunchRequest, ResumeRequest } from '../launch/request.ts';
import { didYouMean } from '../util/closest.ts';
import { gpuRequestForms, isGpuRequest } from '../util/gpu-request.ts';
import { modelNameProblem } from '../util/model-name.ts';
import { optionWords } from '../util/option-words.ts';
import { locateProject } from '../util/project-address.ts';
import { splitWords } from '../util/split-words.ts';
import { runOptions, variableOf } from './run-options.ts';
import { secretFiles } from './secret-files.ts';

type Given = Readonly<Record<string, unknown>>;
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The request from the arguments, where an option that was not given takes its variable's value.
 * Throws UsageError that names the flag and the variable.
 */
export function runRequest(given: Given, words: readonly string[], environment: Environment): LaunchRequest {
  const values = chosenValues(given, words, environment);
  return {
    project: locateProject(String(values.project ?? '.')),
    version: text(values.version),
    entryPoint: String(values['entry-point']),
    parameters: list(values.parameter, 'parameter'),
    configFile: text(values.config),
    runName: text(values['run-name']),
    experimentName: text(values['experiment-name']),
    experimentId: text(values['experiment-id']),
    restoreExperiment: flag(values['restore-experiment'], 'restore-experiment'),
    offline: offline(given, words, environment),
    engine: engine(values.engine),
    gpus: gpus(text(values.gpus)),
    storage: text(values.storage),
    baseImage: text(values['base-image']),
    registerModel: modelName(values['register-model']),
    passEnvironment: list(values.env, 'env'),
    envFiles: list(values['env-file'], 'env-file').map((file) => resolve(file)),
    secretFiles: secretFiles(list(values.secret, 'secret')),
    cpus: number(values.cpus, 'cpus'),
    memoryMiB: size(values.memory, 'memory'),
    shmMiB: size(values['shm-size'], 'shm-size'),
    pids: number(values['pids-limit'], 'pids-limit') ?? runOptions['pids-limit'].default,
    drainTimeoutMs: (number(values['drain-timeout'], 'drain-timeout') ?? 0) * 1000,
    stopGraceMs: (number(values['stop-grace'], 'stop-grace') ?? 0) * 1000,
    systemMetricsIntervalMs: samplingInterval(values['system-metrics-interval']),
  };
}

/** The fields of a request that each option sets. */
const fields: Readonly<Record<Exclude<keyof typeof runOptions, 'resume' | 'detach' | 'dry-run'>, keyof LaunchRequest>> =
  {
    version: 'version',
    'entry-point': 'entryPoint',
    parameter: 'parameters',
    config: 'configFile',
    'run-name': 'runName',
    'experiment-name': 'experimentName',
    'experiment-id': 'experimentId',
    'restore-experiment': 'restoreExperiment',
    offline: 'offline',
    'offline-ok': 'offline',
    engine: 'engine',
    gpus: 'gpus',
    storage: 'storage',
    'base-image': 'baseImage',
    'register-model': 'registerModel',
    env: 'passEnvironment',
    'env-file': 'envFiles',
    secret: 'secretFiles',
    cpus: 'cpus',
    memory: 'memoryMiB',
    'shm-size': 'shmMiB',
    'pids-limit': 'pids',
    'drain-timeout': 'drainTimeoutMs',
    'stop-grace': 'stopGraceMs',
    'system-metrics-interval': 'systemMetricsIntervalMs',
  };

/** The request to go on with a run; null where a new one is asked for. Throws UsageError as `runRequest` does. */
export function resumeRequest(given: Given, words: readonly string[], environment: Environment): ResumeRequest | null {
  const run = text(chosenValues(given, words, environment).resume);
  if (run === null) {
    if (!wasGiven('resume', words)) return null;
    throw new UsageError('--resume (SLIPWAY_RESUME_RUN) names no run.', { hint: 'As in: `--resume swift-heron-417`' });
  }
  const isGiven = (option: string): boolean => Boolean(environment[variableOf(option)]) || wasGiven(option, words);
  const named = Object.entries(fields).filter(([option]) => isGiven(option));
  const project: (keyof LaunchRequest)[] = (given.project ?? '.') === '.' ? [] : ['project'];
  return {
    run,
    wishes: runRequest(given, words, environment),
    given: new Set([...project, ...named.map(([, field]) => field)]),
  };
}

/** Whether the run is to be launched without being watched. */
export function wantsDetach(given: Given, words: readonly string[], environment: Environment): boolean {
  return flag(chosenValues(given, words, environment).detach, 'detach');
}

/** Throws UsageError where a run is to do without a server, and is not to. An option comes before any variable. */
function offline(given: Given, words: readonly string[], environment: Environment): LaunchRequest['offline'] {
  const values = chosenValues(given, words, environment);
  const isOn = (option: string): boolean => flag(values[option], option);
  const typed = ['offline', 'offline-ok'].filter((option) => wasGiven(option, words));
  const [first, other] = (typed.length > 0 ? typed : ['offline', 'offline-ok']).filter(isOn);
  if (first !== undefined && other !== undefined) {
    const name = typed.length > 0 ? (option: string): string => `--${option}` : variableOf;
    throw new UsageError(`${name(first)} and ${name(other)} exclude each other.`, { hint: 'Give one of them.' });
  }
  if (first === undefined) return 'never';
  return first === 'offline' ? 'always' : 'allowed';
}

/** The value of each option: as given, else as its variable says, else its default. */
function chosenValues(given: Given, words: readonly string[], environment: Environment): Record<string, unknown> {
  const values = { ...given };
  for (const option of Object.keys(runOptions)) {
    const value = environment[variableOf(option)];
    if (value !== undefined && value !== '' && !wasGiven(option, words)) values[option] = value;
  }
  return values;
}

/**
 * The words that start the same run again, after the program's name: what is as it is by default is left out, and the
 * run's name, which another run should not have.
 */
export function againWords(given: Given, words: readonly string[], environment: Environment): string[] {
  const values = chosenValues(given, words, environment);
  const options = Object.entries(runOptions as Record<string, { readonly default?: unknown; readonly array?: true }>);
  return [
    'run',
    String(given.project ?? '.'),
    ...options.flatMap(([option, { default: fallback, array }]) => {
      const value = values[option];
      if (['run-name', 'dry-run', 'detach'].includes(option) || value === undefined) return [];
      const flag = option === 'parameter' ? '-P' : `--${option}`;
      if (array === true)
        return list(value, option).flatMap((each) => (flag === '-P' ? [flag, each] : optionWords(option, each)));
      return String(value) === String(fallback) ? [] : optionWords(option, String(value));
    }),
  ];
}

/** Whether the option itself stands on the command line, in any of its spellings. */
function wasGiven(option: string, words: readonly string[]): boolean {
  const alias = (runOptions as Record<string, { alias?: string }>)[option]?.alias;
  return words.some(
    (word) =>
      word === `--${option}` ||
      word === `--no-${option}` ||
      word.startsWith(`--${option}=`) ||
      (alias !== undefined && word.startsWith(`-${alias}`) && !word.startsWith('--')),
  );
}

function text(value: unknown): string | null {
  return value === undefined || value === null || value === '' ? null : String(value);
}

function flag(value: unknown, option: string): boolean {
  if (value === undefined || typeof value === 'boolean') return value === true;
  if (/^(true|1)$/i.test(String(value))) return true;
  if (/^(false|0)$/i.test(String(value))) return false;
  throw new UsageError(`${variableOf(option)} (--${option}) is ${String(value)}; it must be true or false.`);
}

/** What the options that take several values are called for make. */
function forMake(option: string): string {
  const name = { parameter: 'P', 'env-file': 'ENV_FILE', secret: 'SECRET' }[option];
  return name === undefined ? '' : ` (${name}= of make)`;
}

function list(value: unknown, option: string): string[] {
  if (Array.isArray(value)) return value.map(String);
  if (typeof value !== 'string') return [];
  try {
    return splitWords(value);
  } catch (error) {
    throw new UsageError(`${variableOf(option)}${forMake(option)} cannot be read: ${(error as Error).message}.`, {
      cause: error,
      hint: `Write it as: \`name=value name='a value with spaces'\``,
    });
  }
}

function engine(value: unknown): LaunchRequest['engine'] {
  const choices = runOptions.engine.choices as readonly string[];
  if (choices.includes(String(value))) return value as LaunchRequest['engine'];
  const suggestion = didYouMean(String(value), choices) || '.';
  throw new UsageError(
    `--engine (SLIPWAY_ENGINE) is ${String(value)}, but must be one of ${choices.join(', ')}${suggestion}`,
  );
}

/** As for `docker run --gpus`: `all`, a count, or `device=0,1`; checked here, before an image is built for nothing. */
function gpus(value: string | null): string | null {
  if (value === null || value === 'none') return null;
  if (isGpuRequest(value)) return value;
  throw new UsageError(`--gpus (SLIPWAY_GPUS) is ${value}, but must be ${gpuRequestForms}.`, {
    hint: 'As in: `--gpus all`, or leave it out to train on the CPU.',
  });
}

/** A name MLflow takes, an empty text for no model, or null; checked here, before anything is trained for nothing. */
function modelName(value: unknown): string | null {
  if (value === undefined) return null;
  const name = String(value);
  const problem = name === '' ? null : modelNameProblem(name);
  if (problem === null) return name;
  throw new UsageError(`--register-model (SLIPWAY_REGISTER_MODEL, MODEL= of make) ${problem}.`, {
    hint: 'As in: `--register-model cells`, or `--register-model=` to register no model.',
  });
}

function number(value: unknown, option: string): number | null {
  if (value === undefined) return null;
  const parsed = Number(value);
  if (Number.isFinite(parsed) && parsed >= 0 && String(value).trim() !== '') return parsed;
  throw new UsageError(`--${option} (${variableOf(option)}) is not a number, zero or more: ${String(value)}.`);
}

/** Seconds, or 0 for none, in milliseconds. Faster it would disturb the program, slower it would tell nothing. */
function samplingInterval(value: unknown): number {
  const option = 'system-metrics-interval';
  const seconds = number(value, option) ?? runOptions[option].default;
  if (seconds === 0 || (seconds >= 1 && seconds <= 3600)) return Math.round(seconds * 1000);
  throw new UsageError(`--${option} (${variableOf(option)}) is ${seconds}, but must be 0, or from 1 to 3600 seconds.`, {
    hint: `As in: \`--${option} 10\`, or 0 to sample nothing.`,
  });
}

const mebibytes: Readonly<Record<string, number>> = { k: 1 / 1024, m: 1, g: 1024, t: 1024 * 1024 };

/** `512m`, `8g`, `1.5g`: Docker's units, in MiB. */
function size(value: unknown, option: string): number | null {
  if (value === undefined) return null;
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt])(?:i?b)?$/i.exec(String(value).trim());
  const result =
    match === null ? 0 : Math.floor(Number(match[1]) * (mebibytes[(match[2] as string).toLowerCase()] ?? 0));
  if (result >= 1) return result;
  throw new UsageError(
    `--${option} (${variableOf(option)}) is ${String(value)}, but must be a size such as 512m or 8g.`,
  );
}
