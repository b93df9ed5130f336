import { parse } from 'yaml';
import { openArtifactStore } from '../artifacts/index.ts';
import type { LogEntry, ModelEvent } from '../runlog/index.ts';
import { type LaneContext, singleCall } from './lane-context.ts';
import { registerModel } from './model-registry.ts';
import { uploadModel } from './model-upload.ts';
import { artifactPath } from './upload-files.ts';

const historyTag = 'mlflow.log-model.history';

/** Logs a model as MLflow 2 knows it: a folder of the run's artifacts, named in a tag of the run. */
export async function logModelWithoutLoggedModels(
  context: LaneContext,
  event: ModelEvent,
  entry: LogEntry,
): Promise<void> {
  const { options, persistence, signal, checkpoint } = context;
  const { client, mlflowRunId, artifactUri } = options;
  const folder = artifactPath(event.name);
  const store = openArtifactStore(artifactUri, { client });
  const mlModel = await uploadModel(context, event, entry, { store, folder, modelId: null, artifactPath: folder });
  checkpoint('model-uploaded');
  if (mlModel !== null) {
    await persistence.keepTrying(async () => {
      const run = await client.getRun(mlflowRunId, singleCall(signal));
      const model = parse(mlModel) as Record<string, unknown>;
      // The call adds to the tag each time: an entry of an interrupted attempt has the same UUID.
      const isThere = run.data.tags[historyTag]?.includes(String(model.model_uuid)) === true;
      if (!isThere) await client.logModel(mlflowRunId, model, singleCall(signal));
    }, signal);
  }
  checkpoint('model-finalized');
  if (event.register !== null) {
    await registerModel(context, event, entry, { source: `${artifactUri}/${folder}`, modelId: null, mlModel });
  }
}
