import { environment } from '../config.ts';
import { UsageError } from '../errors.ts';
import type { RunContext } from './run-context.ts';

/**
 * The program's environment: what `mlflow run` gives (run, experiment, server), what tells it that it is a run of
 * ours, and what the MLproject and the person asked for. Credentials of the tracking server are not among it.
 */
export function programEnvironment(run: RunContext): Record<string, string> {
  const { plan, record } = run;
  const variables: Record<string, string> = { SLIPWAY_RUN_ID: plan.runId, MLFLOW_RUN_NAME: plan.runName };
  if (plan.attempt > 1) variables.SLIPWAY_RESUME = '1';
  if (record.mlflowRunId !== null) variables.MLFLOW_RUN_ID = record.mlflowRunId;
  if (record.experimentId !== null) variables.MLFLOW_EXPERIMENT_ID = record.experimentId;
  if (record.trackingUri !== null) variables.MLFLOW_TRACKING_URI = record.trackingUri;
  if (plan.registerModel !== null) variables.SLIPWAY_REGISTER_MODEL = plan.registerModel;
  if (plan.gpus !== null) variables.SLIPWAY_GPUS = plan.gpus;
  if (record.image !== null) variables.SLIPWAY_IMAGE = record.image.name;
  for (const [name, value] of Object.entries(plan.project.environment)) {
    variables[name] = value ?? fromLauncher(name);
  }
  for (const name of plan.passEnvironment) variables[name] = fromLauncher(name);
  return variables;
}

/** The launcher has seen that it is set; an agent that takes over elsewhere may not have it. */
function fromLauncher(name: string): string {
  const value = environment()[name];
  if (value !== undefined) return value;
  throw new UsageError(`The environment variable ${name}, which the program is to get, is not set here.`, {
    hint: `\`export ${name}=…\` and attach again.`,
  });
}
