import { environment } from '../config.ts';
import { UsageError } from '../errors.ts';
import type { RunPlan } from '../runs/plan.ts';
import type { RunRecord } from '../runs/run-state.ts';
import { readEnvFile } from '../util/env-file.ts';
import type { RunContext } from './run-context.ts';

type Variables = Readonly<Record<string, string>>;

/** What a program's environment tells it of its run. */
export type RunFacts = Pick<RunRecord, 'mlflowRunId' | 'experimentId' | 'trackingUri' | 'offline'> & {
  readonly image: { readonly name: string } | null;
};

/**
 * The program's environment: what `mlflow run` gives (run, experiment, server), what tells it that it is a run of
 * ours, and what the MLproject and the person asked for. Credentials of the tracking server are not among it.
 * @param handed The values that are handed on, see `handedVariables`.
 */
export function programEnvironment(plan: RunPlan, facts: RunFacts, handed: Variables): Record<string, string> {
  const variables: Record<string, string> = { SLIPWAY_RUN_ID: plan.runId, MLFLOW_RUN_NAME: plan.runName };
  if (plan.attempt > 1) variables.SLIPWAY_RESUME = '1';
  Object.assign(variables, facts.offline ? ownStore(plan) : serverVariables(facts));
  if (plan.registerModel !== null) variables.SLIPWAY_REGISTER_MODEL = plan.registerModel;
  if (plan.gpus !== null) variables.SLIPWAY_GPUS = plan.gpus;
  if (facts.image !== null) variables.SLIPWAY_IMAGE = facts.image.name;
  return { ...variables, ...handed };
}

/**
 * What the MLproject, files of variables and `--env` hand on, the later of these winning. Where no launcher has handed on
 * what stands in the files, they are read again. Throws UsageError for what is not here.
 */
export function handedVariables({ plan, handed }: Pick<RunContext, 'plan' | 'handed'>): Record<string, string> {
  const ofFiles = handed ?? readAgain(plan);
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(plan.project.environment)) {
    variables[name] = value ?? ofFiles[name] ?? fromLauncher(name);
  }
  Object.assign(variables, ofFiles);
  for (const name of plan.passEnvironment) variables[name] = environment()[name] ?? ofFiles[name] ?? fromLauncher(name);
  return variables;
}

function readAgain({ envFiles }: RunPlan): Variables {
  return Object.assign({}, ...Object.keys(envFiles).map((file) => readEnvFile(file, environment()))) as Variables;
}

function serverVariables({ mlflowRunId, experimentId, trackingUri }: RunFacts): Record<string, string> {
  return {
    ...(mlflowRunId === null ? {} : { MLFLOW_RUN_ID: mlflowRunId }),
    ...(experimentId === null ? {} : { MLFLOW_EXPERIMENT_ID: experimentId }),
    ...(trackingUri === null ? {} : { MLFLOW_TRACKING_URI: trackingUri }),
  };
}

/**
 * Where a program that logs to MLflow by itself may do so without a server. Left to itself, MLflow would write a database
 * into the project, which is then another than the commit that was launched; or would speak to the server that the variable
 * names on this machine.
 */
function ownStore({ engine, runId, storage }: RunPlan): Record<string, string> {
  const outputs = `${engine === 'host' ? storage.directory : '/storage'}/runs/${runId}/outputs`;
  return {
    MLFLOW_TRACKING_URI: `sqlite:///${outputs}/mlflow.db`,
    // One of a server, which that of this machine's environment is, is none of the store's.
    ...(engine === 'host' && environment().MLFLOW_EXPERIMENT_ID ? { MLFLOW_EXPERIMENT_ID: '0' } : {}),
  };
}

/** The launcher has seen that it is set; an agent that takes over elsewhere may not have it. */
function fromLauncher(name: string): string {
  const value = environment()[name];
  if (value !== undefined) return value;
  throw new UsageError(`The environment variable ${name}, which the program is to get, is not set here.`, {
    hint: `\`export ${name}=…\` and attach again.`,
  });
}
