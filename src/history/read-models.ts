import { isMissingEndpoint, loggedModelUrl, type MlflowClient, modelVersionUrl, type Run } from '../mlflow/index.ts';
import { callOptions } from './open-server.ts';
import type { DetailedModel, DetailSources } from './run-details.ts';

/** The models a run made: the versions that were registered of them, and those that were logged alone. */
export async function readModels(run: Run, { client, signal }: DetailSources): Promise<DetailedModel[]> {
  const { runId, experimentId } = run.info;
  const versions = await versionsOf(client, runId, signal);
  const registered = versions.map(
    ({ name, version, aliases, modelId }): DetailedModel => ({
      name,
      version,
      aliases,
      modelId,
      url: modelVersionUrl(client.trackingUri, name, version),
    }),
  );
  // Some servers do not tell of a version which logged model it is: then its versions stand for the models.
  if (registered.some(({ modelId }) => modelId === null)) return registered;
  const logged = run.outputs.models
    .filter(({ modelId }) => !registered.some((model) => model.modelId === modelId))
    .map(({ modelId }): DetailedModel => {
      const url = loggedModelUrl(client.trackingUri, experimentId, modelId);
      return { name: null, version: null, aliases: [], modelId, url };
    });
  return [...registered, ...logged];
}

async function versionsOf(client: MlflowClient, runId: string, signal: AbortSignal) {
  try {
    const { items } = await client.searchModelVersions({ filter: `run_id = '${runId}'` }, callOptions(signal));
    return items;
  } catch (error) {
    // A tracking server need not have a model registry.
    if (isMissingEndpoint(error)) return [];
    throw error;
  }
}
