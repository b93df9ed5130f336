import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openArtifactStore } from '../artifacts/index.ts';
import { MlflowApiError, type MlflowClient, type Run } from '../mlflow/index.ts';
import { sleep } from '../util/sleep.ts';
import { type DoctorContext, shared } from './context.ts';
import { currentUser, serverAtHand } from './tracking-server.ts';
import { openTrialExperiment, type TrialExperiment } from './trial-experiment.ts';

/** The experiment of the doctor's runs; with the login in it where there are logins, whose experiments are their own. */
const experimentPrefix = 'slipway-doctor';
/** For what must not be left half done. */
const requestTimeoutMs = 20_000;
const mostAttempts = 5;
const longestPauseMs = 1000;
/** A run that is older was left by a doctor that was killed. */
const longestTrialMs = 300_000;

/** What came of a run that was made to be deleted. */
export interface TrialRun {
  readonly experimentName: string;
  /** The name that the experiment would have had; another's experiment that has it is left alone. */
  readonly usualName: string;
  /** Why no run could be made and filled; null where one was. */
  readonly runError: unknown;
  /** Why no artifact could be stored; null where one was, or nothing was tried. */
  readonly artifactError: unknown;
  readonly artifactUri: string | null;
  /** Why the run or its experiment could not be deleted again; null where all is gone. */
  readonly cleanUpError: unknown;
}

/**
 * Makes a run, logs a parameter, a metric and a tag, stores one artifact, and deletes the run and its experiment
 * again, whatever happens in between.
 */
export const trialRun = shared((context: DoctorContext): Promise<TrialRun> => {
  const trial = tryRun(context);
  // The round may be over before the run is deleted: the connections stay until it is.
  context.atEnd(() => trial.then(noValue, noValue));
  return trial;
});

const noValue = (): void => undefined;

async function tryRun(context: DoctorContext): Promise<TrialRun> {
  const { signal } = context;
  const server = await serverAtHand(context);
  if (server === null) throw new TypeError('There is no server to make a run on.');
  const user = await currentUser(server.client, signal).catch(() => null);
  const usualName = user === null ? experimentPrefix : `${experimentPrefix}-${user.name}`;
  for (let attempt = 1; ; attempt += 1) {
    const trial = await attemptRun(server.client, usualName, signal);
    signal.throwIfAborted();
    // Another doctor may have deleted the experiment under our run (400), or restored it before us (404).
    const { runError } = trial;
    const mayPass = runError instanceof MlflowApiError && (runError.status === 400 || runError.status === 404);
    if (!mayPass || attempt === mostAttempts) return trial;
    await sleep(Math.random() * longestPauseMs * attempt, { signal });
  }
}

async function attemptRun(client: MlflowClient, usualName: string, signal: AbortSignal): Promise<TrialRun> {
  let experiment: TrialExperiment | null = null;
  let run: Run | null = null;
  let runError: unknown = null;
  let artifactError: unknown = null;
  try {
    signal.throwIfAborted();
    // What is made must be known to be deleted again: a person who stops us waits for the answer.
    const patience = AbortSignal.timeout(requestTimeoutMs);
    experiment = await openTrialExperiment(client, usualName, patience);
    const { experimentId } = experiment;
    const tags = { 'mlflow.source.name': 'slipway doctor', 'slipway.doctor': 'true' };
    const request = { experimentId, runName: 'doctor', startTimeMs: Date.now(), tags };
    run = await client.createRun(request, { signal: patience });
    await fillRun(client, run, signal);
    artifactError = await storeArtifact(client, run, signal);
  } catch (error) {
    runError = error;
  }
  const cleanUpError =
    experiment === null ? null : await remove(client, experiment.experimentId, run).catch((error: unknown) => error);
  const experimentName = experiment?.name ?? usualName;
  const artifactUri = run?.info.artifactUri ?? null;
  return { experimentName, usualName, runError, artifactError, artifactUri, cleanUpError };
}

async function fillRun(client: MlflowClient, { info }: Run, signal: AbortSignal): Promise<void> {
  await client.logBatch(
    info.runId,
    {
      params: { checked: 'true' },
      metrics: [{ key: 'checked', value: 1, step: 1, timestampMs: Date.now() }],
      tags: { 'slipway.doctor.checked': 'true' },
    },
    { signal },
  );
}

/** Null where an artifact was stored and is listed. */
async function storeArtifact(client: MlflowClient, { info }: Run, signal: AbortSignal): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-doctor-'));
  try {
    const file = join(folder, 'doctor.txt');
    await writeFile(file, 'Written by slipway doctor.\n');
    const store = openArtifactStore(info.artifactUri, { client, runId: info.runId });
    await store.ensureWritable({ signal });
    await store.upload(file, 'doctor.txt', { signal });
    const listed = await store.list('', { signal });
    return listed.some(({ path }) => path === 'doctor.txt') ? null : new Error('it is not listed after its upload');
  } catch (error) {
    return error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Nothing active stays behind: with the experiment go earlier runs too, which its restoring has brought back. It stays
 * where another doctor has a run in it at this moment.
 */
async function remove(client: MlflowClient, experimentId: string, run: Run | null): Promise<null> {
  const signal = AbortSignal.timeout(requestTimeoutMs);
  try {
    if (run !== null) {
      const { runId } = run.info;
      await client.updateRun(runId, { status: 'FINISHED', endTimeMs: Date.now() }, { signal });
      await client.deleteRun(runId, { signal });
    }
    const filter = `attributes.status = 'RUNNING' and attributes.start_time > ${Date.now() - longestTrialMs}`;
    const others = { experimentIds: [experimentId], filter, maxResults: 1 };
    if ((await client.searchRuns(others, { signal })).items.length > 0) return null;
    await client.deleteExperiment(experimentId, { signal });
  } catch (error) {
    const { lifecycleStage } = await client.getExperiment(experimentId, { signal });
    // Where all is deleted, another doctor was quicker.
    if (lifecycleStage !== 'deleted') throw error;
  }
  return null;
}
