import { openArtifactStore } from '../artifacts/index.ts';
import { isMissingEndpoint, type LoggedModel, type MetricPoint, splitBatch } from '../mlflow/index.ts';
import { decodeMetricValue, type LogEntry, type ModelEvent, resolveInRunDirectory } from '../runlog/index.ts';
import { eventIdentity, eventTag } from './event-identity.ts';
import { describeFailure, kindOfFailure } from './failure.ts';
import { type LaneContext, singleCall } from './lane-context.ts';
import { logModelWithoutLoggedModels } from './model-of-mlflow-2.ts';
import { registerModel } from './model-registry.ts';
import { uploadModel } from './model-upload.ts';
import { modelPoints } from './run-index.ts';

/** What the model's page shows of its origin (`mlflow/tracking/context`). */
const copiedTags = [
  'mlflow.user',
  'mlflow.source.name',
  'mlflow.source.type',
  'mlflow.source.git.commit',
  'mlflow.source.git.branch',
];

/**
 * Carries out a model event: logged model, its place among the run's outputs, its metrics, its files, and the version
 * in the registry. Each step finds what an earlier, interrupted attempt has done.
 */
export async function logModel(context: LaneContext, event: ModelEvent, entry: LogEntry): Promise<void> {
  const { options, persistence, signal, checkpoint } = context;
  const { client, mlflowRunId } = options;
  // A model that is not there must not leave an empty logged model behind.
  await resolveInRunDirectory(options.runDirectory, event.path);
  const model = await persistence.keepTrying(() => findOrCreate(context, event, entry), signal);
  if (model === null) {
    await logModelWithoutLoggedModels(context, event, entry);
    return;
  }
  context.index.addModel(event.name, model.modelId);
  checkpoint('model-created');

  const step = event.step ?? 0;
  await persistence.keepTrying(
    () => client.logOutputs(mlflowRunId, [{ modelId: model.modelId, step }], singleCall(signal)),
    signal,
  );
  checkpoint('outputs-logged');
  await logMetrics(context, event, entry, model);
  checkpoint('model-metrics-sent');
  let mlModel: string | null;
  try {
    const store = openArtifactStore(model.artifactUri, { client });
    mlModel = await uploadModel(context, event, entry, {
      store,
      folder: '',
      modelId: model.modelId,
      artifactPath: model.artifactUri,
    });
  } catch (error) {
    if (signal.aborted) throw error;
    await persistence.keepTrying(
      () => client.finalizeLoggedModel(model.modelId, 'UPLOAD_FAILED', singleCall(signal)),
      signal,
    );
    throw error;
  }
  checkpoint('model-uploaded');
  await persistence.keepTrying(() => client.finalizeLoggedModel(model.modelId, 'READY', singleCall(signal)), signal);
  checkpoint('model-finalized');
  if (event.register !== null) {
    await registerModel(context, event, entry, { source: `models:/${model.modelId}`, modelId: model.modelId, mlModel });
  }
}

/** The logged model of this event, made where it is not there; null on a server that has no logged models. */
async function findOrCreate(context: LaneContext, event: ModelEvent, entry: LogEntry): Promise<LoggedModel | null> {
  const { options, signal, index } = context;
  const { client, experimentId, mlflowRunId } = options;
  const identity = eventIdentity(mlflowRunId, entry);
  const call = singleCall(signal);
  try {
    const filter = `source_run_id = '${mlflowRunId}'`;
    for await (const model of client.iterateLoggedModels({ experimentIds: [experimentId], filter }, call)) {
      if (model.tags[eventTag] === identity) return model;
    }
  } catch (error) {
    if (isMissingEndpoint(error)) return null;
    throw error;
  }
  const run = await client.getRun(mlflowRunId, call);
  index.params.learn(run.data.params);
  const origin = Object.fromEntries(copiedTags.flatMap((key) => pairIfSet(key, run.data.tags[key])));
  return client.createLoggedModel(
    {
      experimentId,
      name: event.name,
      sourceRunId: mlflowRunId,
      params: event.params ?? index.params.known,
      tags: { ...origin, ...event.tags, [eventTag]: identity },
    },
    call,
  );
}

/** Sends the model's values at the run's own points, with the model's id and the dataset they were measured on. */
async function logMetrics(context: LaneContext, event: ModelEvent, entry: LogEntry, model: LoggedModel): Promise<void> {
  const { options, persistence, signal, index, warn } = context;
  const values = Object.entries(event.metrics ?? {}).map(([key, value]) => [key, decodeMetricValue(value)] as const);
  const { name, step, dataset } = event;
  const stated = { name, step, dataset, metrics: Object.fromEntries(values) };
  const points = await modelPoints(options.runDirectory, stated, entry, model.creationTimeMs);
  const metrics = points.map((point): MetricPoint => {
    const { key, value, step, timestampMs } = point;
    const measuredOn = point.dataset === undefined ? undefined : index.dataset(point.dataset);
    return { key, value, step, timestampMs, modelId: model.modelId, ...measuredOn };
  });
  const unknown = new Set(points.flatMap((point) => point.dataset ?? []).filter((each) => !index.dataset(each)));
  for (const each of unknown) warn(`Model "${name}": the run log has no dataset "${each}".`);
  try {
    for (const batch of splitBatch({ metrics })) {
      await persistence.keepTrying(
        () => options.client.logBatch(options.mlflowRunId, batch, singleCall(signal)),
        signal,
      );
    }
  } catch (error) {
    if (signal.aborted || kindOfFailure(error) === 'passing') throw error;
    // The run has these values; a model without them is better than no model.
    await context.refuse(entry, `its metrics could not be linked: ${describeFailure(error)}`);
  }
}

function pairIfSet(key: string, value: string | undefined): [string, string][] {
  return value === undefined ? [] : [[key, value]];
}
