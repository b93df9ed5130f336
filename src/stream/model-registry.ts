import { type ModelVersion, type RegisteredModel, runUrl } from '../mlflow/index.ts';
import { decodeMetricValue, type LogEntry, type ModelEvent } from '../runlog/index.ts';
import { eventIdentity, eventTag } from './event-identity.ts';
import { describeFailure, kindOfFailure } from './failure.ts';
import { type LaneContext, singleCall } from './lane-context.ts';
import { flavorsOf, modelDescription, versionDescription } from './model-description.ts';

/** What a version is made of. */
export interface RegisteredSource {
  /** `models:/<model id>`, or with MLflow 2 a folder of the run's artifacts. */
  readonly source: string;
  readonly modelId: string | null;
  /** The text of its MLmodel file; null where it has none. */
  readonly mlModel: string | null;
}

/** Makes the version of a model event, once, and moves its aliases to it. */
export async function registerModel(
  context: LaneContext,
  event: ModelEvent,
  entry: LogEntry,
  model: RegisteredSource,
): Promise<void> {
  const { options, persistence, signal, checkpoint } = context;
  const { client } = options;
  const name = event.register as string;
  const registered = await persistence.keepTrying(() => client.ensureRegisteredModel(name, singleCall(signal)), signal);
  checkpoint('model-registered');
  const { version, isNew } = await persistence.keepTrying(
    () => findOrCreateVersion(context, name, entry, model),
    signal,
  );
  checkpoint('version-created');
  await describeModel(context, event, { registered, version, flavors: flavorsOf(model.mlModel) });
  for (const alias of event.aliases ?? []) {
    if (!isNew && (await pointsToNewer(context, name, alias, version))) continue;
    await persistence.keepTrying(() => client.setModelAlias(name, alias, version.version, singleCall(signal)), signal);
    checkpoint('alias-set');
  }
  options.onModelVersion?.({ name, version: version.version, modelId: model.modelId });
}

/**
 * Tells on the registry's pages what the model is and how it is used, unless somebody has written there. A server that
 * refuses a description has the model all the same.
 */
async function describeModel(
  context: LaneContext,
  event: ModelEvent,
  made: { readonly registered: RegisteredModel; readonly version: ModelVersion; readonly flavors: readonly string[] },
): Promise<void> {
  const { options, persistence, signal, index, checkpoint, warn } = context;
  const { client, mlflowRunId } = options;
  const { registered, version, flavors } = made;
  const { trackingUri } = client;
  const call = singleCall(signal);
  try {
    if (registered.description === null) {
      const [alias = null] = event.aliases ?? [];
      const description = modelDescription({ name: version.name, flavors, trackingUri }, alias);
      await persistence.keepTrying(() => client.updateRegisteredModel(version.name, { description }, call), signal);
    }
    if (version.description === null) {
      const { info, data } = await persistence.keepTrying(() => client.getRun(mlflowRunId, call), signal);
      const values = Object.entries(event.metrics ?? {}).map(([key, value]) => [key, decodeMetricValue(value)]);
      const dataset = event.dataset === undefined ? undefined : index.dataset(event.dataset);
      const description = versionDescription({
        name: version.name,
        version: version.version,
        trackingUri,
        runUrl: runUrl(trackingUri, info.experimentId, mlflowRunId),
        runName: info.runName,
        runTags: data.tags,
        dataset: dataset === undefined ? null : { name: dataset.datasetName, digest: dataset.datasetDigest },
        metrics: Object.fromEntries(values),
        tags: event.tags ?? {},
        flavors,
      });
      await persistence.keepTrying(
        () => client.updateModelVersion(version.name, version.version, { description }, call),
        signal,
      );
    }
  } catch (error) {
    if (signal.aborted || kindOfFailure(error) === 'passing') throw error;
    warn(`Model "${version.name}" version ${version.version} has no description: ${describeFailure(error)}`);
  }
  checkpoint('model-described');
}

async function findOrCreateVersion(
  context: LaneContext,
  name: string,
  entry: LogEntry,
  model: RegisteredSource,
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
