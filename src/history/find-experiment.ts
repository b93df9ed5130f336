import { UsageError } from '../errors.ts';
import { type Experiment, isNotFound, type MlflowClient } from '../mlflow/index.ts';
import type { NamedExperiment } from '../project/index.ts';
import { didYouMean } from '../util/closest.ts';
import { callOptions } from './open-server.ts';

/** More names than these help nobody. */
const shownNames = 8;
const comparedNames = 1000;

/** What `--experiment` names: a name, or an id where there is no experiment of that name. */
export async function findExperiment(
  client: MlflowClient,
  { experimentId, experimentName }: NamedExperiment,
  signal: AbortSignal,
): Promise<Experiment | null> {
  if (experimentName !== null) {
    const byName = await client.getExperimentByName(experimentName, callOptions(signal));
    if (byName !== null || !/^\d+$/.test(experimentName)) return byName;
  }
  try {
    return await client.getExperiment(experimentId ?? experimentName ?? '', callOptions(signal));
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

/** The error for an experiment that a person named and the server does not have, with what it has. */
export async function noExperiment(client: MlflowClient, name: string, signal: AbortSignal): Promise<UsageError> {
  const { items } = await client.searchExperiments({ maxResults: comparedNames }, callOptions(signal));
  const names = items.map((experiment) => experiment.name);
  const more = names.length > shownNames ? ` and ${names.length - shownNames} more` : '';
  return new UsageError(
    `The tracking server ${client.trackingUri} has no experiment ${name}${didYouMean(name, names) || '.'}`,
    { hint: `It has ${names.slice(0, shownNames).join(', ')}${more}.` },
  );
}
