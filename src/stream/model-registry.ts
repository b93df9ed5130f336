import type { ModelVersion } from '../mlflow/index.ts';
import type { LogEntry, ModelEvent } from '../runlog/index.ts';
import { eventIdentity, eventTag } from './event-identity.ts';
import { type LaneContext, singleCall } from './lane-context.ts';

/** Makes the version of a model event, once, and moves its aliases to it. */
export async function registerModel(
  context: LaneContext,
  event: ModelEvent,
  entry: LogEntry,
  model: { readonly source: string; readonly modelId: string | null },
): Promise<void> {
  const { options, persistence, signal, checkpoint } = context;
  const { client } = options;
  const name = event.register as string;
  await persistence.keepTrying(() => client.ensureRegisteredModel(name, singleCall(signal)), signal);
  checkpoint('model-registered');
  const { version, isNew } = await persistence.keepTrying(
    () => findOrCreateVersion(context, name, entry, model),
    signal,
  );
  checkpoint('version-created');
  for (const alias of event.aliases ?? []) {
    if (!isNew && (await pointsToNewer(context, name, alias, version))) continue;
    await persistence.keepTrying(() => client.setModelAlias(name, alias, version.version, singleCall(signal)), signal);
    checkpoint('alias-set');
  }
  options.onModelVersion?.({ name, version: version.version, modelId: model.modelId });
}

async function findOrCreateVersion(
  context: LaneContext,
  name: string,
  entry: LogEntry,
  model: { readonly source: string; readonly modelId: string | null },
): Promise<{ version: ModelVersion; isNew: boolean }> {
  const { options, signal } = context;
  const { client, mlflowRunId } = options;
  const identity = eventIdentity(mlflowRunId, entry);
  const call = singleCall(signal);
  for await (const version of client.iterateModelVersions({ filter: `run_id = '${mlflowRunId}'` }, call)) {
    if (version.name === name && version.tags[eventTag] === identity) return { version, isNew: false };
  }
  const version = await client.createModelVersion(
    {
      name,
      source: model.source,
      runId: mlflowRunId,
      ...(model.modelId === null ? {} : { modelId: model.modelId }),
      tags: { [eventTag]: identity },
    },
    call,
  );
  return { version, isNew: true };
}

/** Another run may have moved the alias since the interrupted attempt: it never goes back to an older version. */
async function pointsToNewer(
  context: LaneContext,
  name: string,
  alias: string,
  version: ModelVersion,
): Promise<boolean> {
  const { options, persistence, signal } = context;
  const registered = await persistence.keepTrying(
    () => options.client.getRegisteredModel(name, singleCall(signal)),
    signal,
  );
  const current = registered.aliases[alias];
  return current !== undefined && Number(current) > Number(version.version);
}
