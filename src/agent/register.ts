import { openArtifactStore } from '../artifacts/index.ts';
import { errorMessage, UnavailableError } from '../errors.ts';
import {
  checkTrackingServer,
  type Experiment,
  HttpError,
  MlflowApiError,
  type MlflowClient,
  type Run,
  runChartsUrl,
  runsTableUrl,
  runUrl,
} from '../mlflow/index.ts';
import { sleep } from '../util/index.ts';
import { reopenRun } from './reopen.ts';
import type { RunContext } from './run-context.ts';
import { replacesTag, tagsAtCreation } from './run-tags.ts';

const createAttempts = 5;
/** A person who has asked for the end waits for this. */
const lookTimeoutMs = 5_000;

/**
 * Makes the run on the tracking server, with its tags and parameters; exactly once, however often it is tried. One that
 * is resumed is opened again. `namedServer` is where it goes if that is not the server of its plan.
 * Throws where the server cannot be used: nothing has been started yet, so the person is told at once.
 */
export async function registerRun(
  run: RunContext,
  client: MlflowClient,
  signal: AbortSignal,
  { namedServer = null }: { readonly namedServer?: string | null } = {},
): Promise<void> {
  if (run.record.mlflowRunId !== null && !run.record.registering) {
    if (run.plan.attempt > 1) await reopenRun(run, client, signal);
    return;
  }
  const { runId, artifactUri } = await ensureCreated(run, client, signal, namedServer);
  if (Object.keys(run.plan.parameters).length > 0) {
    await client.logBatch(runId, { params: run.plan.parameters }, { signal });
  }
  // Fails here, before anything runs, where the server keeps artifacts in a place that this client cannot write.
  await openArtifactStore(artifactUri, { client }).ensureWritable({ signal });
  await run.update({ registering: false });
}

/** The run on the server, made where it is not there, and recorded: from here on it gets a final status. */
async function ensureCreated(
  run: RunContext,
  client: MlflowClient,
  signal: AbortSignal,
  namedServer: string | null,
): Promise<{ runId: string; artifactUri: string }> {
  const { mlflowRunId, artifactUri: knownUri } = run.record;
  if (mlflowRunId !== null && knownUri !== null) return { runId: mlflowRunId, artifactUri: knownUri };
  const experiment = await findExperiment(run, client, signal);
  const { info } = await createRunOnce(run, client, experiment, { signal, namedServer });
  const url = runUrl(client.trackingUri, experiment.experimentId, info.runId);
  await run.update({
    trackingUri: client.trackingUri,
    experimentId: experiment.experimentId,
    experimentName: experiment.name,
    mlflowRunId: info.runId,
    artifactUri: info.artifactUri,
    runUrl: url,
  });
  const { runName } = run.plan;
  run.emit({
    type: 'registered',
    mlflowRunId: info.runId,
    experimentId: experiment.experimentId,
    runName,
    url,
    runsUrl: runsTableUrl(client.trackingUri, experiment.experimentId),
    chartsUrl: runChartsUrl(client.trackingUri, experiment.experimentId),
  });
  return { runId: info.runId, artifactUri: info.artifactUri };
}

async function findExperiment(run: RunContext, client: MlflowClient, signal: AbortSignal): Promise<Experiment> {
  const { experimentId, experimentName, restoreExperiment } = run.plan.tracking;
  // Few tries: a person waits for this answer.
  const patient = { signal, maximumRetries: 2, restore: restoreExperiment };
  try {
    // Where the server has lost the run it has lost its experiment, too: an id there may be that of another one.
    const { replacedRunIds, experimentName: knownName } = run.record;
    if (replacedRunIds.length > 0 && knownName !== null) return await client.ensureExperiment(knownName, patient);
    return experimentId !== null
      ? await client.usableExperiment(await client.getExperiment(experimentId, patient), patient)
      : await client.ensureExperiment(experimentName ?? run.plan.project.name, patient);
  } catch (error) {
    signal.throwIfAborted();
    // The first call of all: where it fails, say what is wrong with the server rather than with the call.
    if (!(error instanceof MlflowApiError) || error.errorCode === null) await checkTrackingServer(client, { signal });
    throw error;
  }
}

/** Whether the same call may succeed later, as the error itself says. */
function canRetry(error: unknown): boolean {
  return error instanceof HttpError && error.isRetryable;
}

async function createRunOnce(
  run: RunContext,
  client: MlflowClient,
  experiment: Experiment,
  { signal, namedServer }: { readonly signal: AbortSignal; readonly namedServer: string | null },
): Promise<Run> {
  const { plan } = run;
  if (run.record.registering) {
    const earlier = await findCreated(run, client, experiment, signal);
    if (earlier !== null) return earlier;
  }
  const { trackingUri } = client;
  const other = namedServer === null ? {} : { namedServer };
  // Written down before it can be there: whoever goes on looks for it on that server and no other.
  await run.update({ registering: true, trackingUri, experimentId: experiment.experimentId, ...other });
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await client.createRun(
        {
          experimentId: experiment.experimentId,
          runName: plan.runName,
          startTimeMs: plan.createdAtMs,
          tags: { ...tagsAtCreation(plan), ...replaced(run) },
        },
        { signal },
      );
    } catch (error) {
      if (signal.aborted) {
        const made = await findAfterStop(run, client, experiment);
        if (made !== null) return made;
      }
      if (!canRetry(error)) throw error;
      if (attempt === createAttempts) {
        throw new UnavailableError(`The tracking server did not accept the run: ${errorMessage(error)}`, {
          hint: 'Is the server overloaded or being restarted? Launch again.',
          cause: error,
        });
      }
      await sleep(500 * 2 ** attempt, { signal });
      // The answer was lost, perhaps not the run: look before making another.
      const earlier = await findCreated(run, client, experiment, signal);
      if (earlier !== null) return earlier;
    }
  }
}

/** The run that was lost with the server's data, where there was one. */
function replaced({ record }: RunContext): Record<string, string> {
  const lost = record.replacedRunIds.at(-1);
  return lost === undefined ? {} : { [replacesTag]: lost };
}

/**
 * The run that a request made though nobody waited for its answer any more: it is to be closed like every other. Null
 * where it is not there, or not yet; the record then still says that it may be, and the next agent looks again.
 */
async function findAfterStop(run: RunContext, client: MlflowClient, experiment: Experiment): Promise<Run | null> {
  try {
    return await findCreated(run, client, experiment, AbortSignal.timeout(lookTimeoutMs));
  } catch (error) {
    run.emit({ type: 'debug', text: `Whether the run was made could not be asked: ${errorMessage(error)}` });
    return null;
  }
}

async function findCreated(
  run: RunContext,
  client: MlflowClient,
  experiment: Experiment,
  signal: AbortSignal,
): Promise<Run | null> {
  const found = await client.searchRuns(
    {
      experimentIds: [experiment.experimentId],
      filter: `tags.\`slipway.id\` = '${run.plan.runId}'`,
      maxResults: 1,
    },
    { signal },
  );
  return found.items[0] ?? null;
}
