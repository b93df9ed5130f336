import { resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import type { RunPlan } from '../runs/plan.ts';
import { isRemoteProject, parseRemoteProject } from '../source/index.ts';
import type { LaunchRequest } from './request.ts';

/** An option that decides what a run is: how it is called, what was asked for, and what the run has. */
interface FixedOption {
  readonly option: string;
  readonly wished: (wishes: LaunchRequest) => string | null;
  readonly recorded: (plan: RunPlan) => string | null;
}

/** Those that a resumed run has as it was launched. A limit on processors decides numbers: it decides the threads. */
const fixedOptions: { readonly [Field in keyof LaunchRequest]?: FixedOption } = {
  version: {
    option: 'version',
    wished: ({ version }) => version,
    recorded: ({ project, source }) => project.version ?? source.branch ?? source.commit,
  },
  entryPoint: {
    option: 'entry-point',
    wished: ({ entryPoint }) => entryPoint,
    recorded: ({ project }) => project.entryPoint,
  },
  configFile: {
    option: 'config',
    wished: ({ configFile }) => configFile,
    recorded: ({ parameters }) => parameters.config ?? null,
  },
  runName: { option: 'run-name', wished: ({ runName }) => runName, recorded: ({ runName }) => runName },
  experimentName: {
    option: 'experiment-name',
    wished: ({ experimentName }) => experimentName,
    recorded: ({ tracking }) => tracking.experimentName,
  },
  experimentId: {
    option: 'experiment-id',
    wished: ({ experimentId }) => experimentId,
    recorded: ({ tracking }) => tracking.experimentId,
  },
  engine: { option: 'engine', wished: ({ engine }) => engine, recorded: ({ engine }) => engine },
  gpus: { option: 'gpus', wished: ({ gpus }) => gpus, recorded: ({ gpus }) => gpus },
  baseImage: { option: 'base-image', wished: ({ baseImage }) => baseImage, recorded: ({ image }) => image.base },
  registerModel: {
    option: 'register-model',
    wished: ({ registerModel }) => registerModel || null,
    recorded: ({ registerModel }) => registerModel,
  },
  passEnvironment: {
    option: 'env',
    wished: ({ passEnvironment }) => names(passEnvironment),
    recorded: ({ passEnvironment }) => names(passEnvironment),
  },
  cpus: { option: 'cpus', wished: ({ cpus }) => asText(cpus), recorded: ({ limits }) => asText(limits.cpus) },
};

/** Throws UsageError for an option that was given and is not what the run was launched with. */
export function checkUnchanged(plan: RunPlan, wishes: LaunchRequest, given: ReadonlySet<keyof LaunchRequest>): void {
  const isRemote = isRemoteProject(wishes.project);
  const wished = isRemote ? parseRemoteProject(wishes.project).uri : wishes.project;
  const recorded = isRemote || isRemoteProject(plan.project.uri) ? plan.project.uri : plan.project.directory;
  if (given.has('project') && wished !== recorded) {
    throw new UsageError(`The run ${plan.runName} is one of ${recorded}, not of ${wished}.`, {
      hint: `\`slipway run --resume ${plan.runId}\``,
    });
  }
  for (const field of given) {
    const fixed = fixedOptions[field];
    if (fixed === undefined || (field === 'engine' && wishes.engine === 'auto')) continue;
    const [wished, recorded] = [fixed.wished(wishes) ?? 'none', fixed.recorded(plan) ?? 'none'];
    if (wished === recorded || (field === 'configFile' && isFileOf(plan, wished, recorded))) continue;
    const text = `--${fixed.option} is ${wished}, but the run ${plan.runName} has ${recorded}, and goes on as it was launched.`;
    const variable = `SLIPWAY_${fixed.option.toUpperCase().replaceAll('-', '_')}`;
    throw new UsageError(text, { hint: `Leave --${fixed.option} (${variable}) away, or launch a run of its own.` });
  }
}

/**
 * Throws UsageError where files of variables or of secrets hold other names than those the run was launched with: values
 * may be new ones, and lie elsewhere.
 */
export function checkSameNames(plan: RunPlan, now: Pick<RunPlan, 'envFiles' | 'secretFiles'>): void {
  const kinds = [
    ['env-file', 'variables', ({ envFiles }: typeof now) => Object.values(envFiles).flat()],
    ['secret', 'secrets', ({ secretFiles }: typeof now) => Object.keys(secretFiles)],
  ] as const;
  for (const [option, what, namesOf] of kinds) {
    const [wished, recorded] = [now, plan].map((each) => names([...new Set(namesOf(each))]) ?? 'none');
    if (wished === recorded) continue;
    throw new UsageError(
      `The ${what} of --${option} are ${wished} now, but the run ${plan.runName} was launched with ${recorded}.`,
      { hint: 'Hand on the same names, whose values may be others, or launch a run of its own.' },
    );
  }
}

/** A path of the project, or from the working directory, as a launch takes it. */
function isFileOf({ project }: RunPlan, wished: string, recorded: string): boolean {
  return [resolve(project.directory, wished), resolve(wished)].includes(resolve(project.directory, recorded));
}

/** What may be another in the next attempt: it decides whether the run comes to its end, not what comes out. */
export function changedLimits(
  plan: RunPlan,
  wishes: LaunchRequest,
  given: ReadonlySet<keyof LaunchRequest>,
): Pick<RunPlan, 'limits' | 'tracking' | 'drainTimeoutMs' | 'stopGraceMs' | 'systemMetricsIntervalMs'> {
  const choose = <Field extends keyof LaunchRequest>(field: Field, recorded: LaunchRequest[Field]) =>
    given.has(field) ? wishes[field] : recorded;
  const { limits, tracking, drainTimeoutMs, stopGraceMs, systemMetricsIntervalMs } = plan;
  return {
    limits: {
      cpus: limits.cpus,
      memoryMiB: choose('memoryMiB', limits.memoryMiB),
      shmMiB: choose('shmMiB', limits.shmMiB),
      pids: choose('pids', limits.pids),
    },
    tracking: {
      ...tracking,
      restoreExperiment: choose('restoreExperiment', tracking.restoreExperiment),
      offline: choose('offline', tracking.offline),
    },
    drainTimeoutMs: choose('drainTimeoutMs', drainTimeoutMs),
    stopGraceMs: choose('stopGraceMs', stopGraceMs),
    systemMetricsIntervalMs: choose('systemMetricsIntervalMs', systemMetricsIntervalMs),
  };
}

function names(list: readonly string[]): string | null {
  return list.length === 0 ? null : [...list].sort().join(' ');
}

function asText(value: number | null): string | null {
  return value === null ? null : String(value);
}
