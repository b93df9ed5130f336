import { openArtifactStore } from '../artifacts/index.ts';
import { UsageError } from '../errors.ts';
import {
  checkTrackingServer,
  isNotFound,
  MlflowApiError,
  type MlflowClient,
  runChartsUrl,
  runsTableUrl,
  runUrl,
} from '../mlflow/index.ts';
import { paramConflictTag } from '../stream/index.ts';
import { endingTags } from './end-tags.ts';
import type { RunContext } from './run-context.ts';
import { isOwnNote, noteTag } from './run-note.ts';
import { resumedTag } from './run-tags.ts';

/**
 * Opens a run that is resumed on the server again: it is RUNNING, no longer says how it ended, and tells how often it was
 * resumed. Parameters never change there: epochs that have grown are a tag, as any value that differs from the recorded
 * one. Repeatable. Throws where the server cannot be used or the run is deleted: nothing has been started yet.
 */
export async function reopenRun(run: RunContext, client: MlflowClient, signal: AbortSignal): Promise<void> {
  const { plan, record } = run;
  const { mlflowRunId: runId, artifactUri } = record;
  if (runId === null || artifactUri === null) return;
  const call = { signal, maximumRetries: 2 };
  const { info, data } = await client.getRun(runId, call).catch(async (error: unknown) => {
    signal.throwIfAborted();
    // The first call of all: where it fails, say what is wrong with the server rather than with the call.
    if (!(error instanceof MlflowApiError) || error.errorCode === null) await checkTrackingServer(client, { signal });
    throw error;
  });
  const experiment = await client.getExperiment(info.experimentId, call);
  await client.usableExperiment(experiment, { ...call, restore: plan.tracking.restoreExperiment });
  if (info.lifecycleStage === 'deleted' && experiment.lifecycleStage !== 'deleted') {
    throw new UsageError(`The run ${info.runName} was deleted on the tracking server: it cannot be resumed.`, {
      hint: `\`mlflow runs restore --run-id ${runId}\``,
    });
  }
  run.hasForeignNote = !isOwnNote(run, data.tags[noteTag]);
  await client.updateRun(runId, { status: 'RUNNING' }, call);
  await client.setTag(runId, resumedTag, String(plan.attempt - 1), call);
  const { epochs } = plan.parameters;
  if (epochs !== undefined && data.params.epochs !== undefined && data.params.epochs !== epochs) {
    await client.setTag(runId, paramConflictTag('epochs'), epochs, call);
  }
  for (const tag of endingTags.filter((key) => data.tags[key] !== undefined)) {
    await client.deleteTag(runId, tag, call).catch((error: unknown) => {
      // Gone by a request whose answer was lost.
      if (!isNotFound(error)) throw error;
    });
  }
  await openArtifactStore(artifactUri, { client }).ensureWritable({ signal });
  const { trackingUri } = client;
  const url = runUrl(trackingUri, info.experimentId, runId);
  await run.update({ trackingUri, runUrl: url });
  run.emit({
    type: 'registered',
    mlflowRunId: runId,
    experimentId: info.experimentId,
    runName: plan.runName,
    url,
    runsUrl: runsTableUrl(trackingUri, info.experimentId),
    chartsUrl: runChartsUrl(trackingUri, info.experimentId),
  });
}
