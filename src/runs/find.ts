import { readdir, readFile } from 'node:fs/promises';
import { errorCode, errorMessage, SlipwayError, UsageError } from '../errors.ts';
import { didYouMean } from '../util/closest.ts';
import { readPlan, readState } from './documents.ts';
import { type RunPaths, runPaths, runsDirectory } from './paths.ts';
import type { RunPlan } from './plan.ts';
import { isRunId } from './run-directory.ts';
import type { RunRecord } from './run-state.ts';
import { isFinal } from './state.ts';

/** A run folder as found on disk. */
export interface StoredRun {
  readonly runId: string;
  readonly paths: RunPaths;
  /** Null where `plan.json` is missing (the launcher was killed before it was written) or damaged. */
  readonly plan: RunPlan | null;
  /** Null where no agent has written a state yet, or it is damaged. */
  readonly state: RunRecord | null;
  /** What is wrong with the folder: one sentence, or null. */
  readonly problem: string | null;
}

/** All runs of a storage folder, newest first. A damaged run is listed with its problem. */
export async function listRuns(storageDirectory: string): Promise<StoredRun[]> {
  const runIds = await readRunIds(storageDirectory);
  return Promise.all(runIds.map((runId) => readRun(storageDirectory, runId)));
}

/**
 * The runs that are not settled, newest first: not over, or not wholly on their server. Of all others the state alone is
 * looked at, because there may be thousands.
 */
export function listUnsettledRuns(storageDirectory: string): Promise<StoredRun[]> {
  return listRunsWhose(storageDirectory, (record) => !isSettled(record));
}

/** The unsettled runs, and those that are over and wait for `slipway sync`, newest first. */
export function listOpenRuns(storageDirectory: string): Promise<StoredRun[]> {
  return listRunsWhose(storageDirectory, (record) => !isSettled(record) || waitsForSync(record));
}

async function listRunsWhose(
  storageDirectory: string,
  isMeant: (record: Partial<RunRecord>) => boolean,
): Promise<StoredRun[]> {
  const meant: StoredRun[] = [];
  for (const runId of await readRunIds(storageDirectory)) {
    const text = await readFile(runPaths(storageDirectory, runId).state, 'utf8').catch(() => '');
    // What cannot be read is read again as a whole, which says what is wrong with it.
    if (isMeant(looseRecord(text))) meant.push(await readRun(storageDirectory, runId));
  }
  return meant;
}

/** Over, and either all of it is on the server or it is not on one; where it may be is not known while it is being registered. */
export function isSettled(record: Partial<RunRecord>): boolean {
  const { state, statusSent, mlflowRunId, registering, deletedAtMs, offline } = record;
  if (state === undefined || !isFinal(state)) return false;
  // Of a run that was deleted there nothing is sent any more; another waits for whoever brings it to a server.
  if (typeof deletedAtMs === 'number' || offline === true) return true;
  return statusSent === true || (mlflowRunId === null && registering !== true);
}

/** Over, its program has begun, and its server does not have all of it: `slipway sync` brings it there. */
export function waitsForSync(record: Partial<RunRecord>): boolean {
  const { state, statusSent, deletedAtMs } = record;
  if (state === undefined || !isFinal(state) || statusSent === true || typeof deletedAtMs === 'number') return false;
  return hasBegun(record);
}

/** Whether there is something to send: a launch that came to nothing, for want of a server among other reasons, left none. */
export function hasBegun({ mlflowRunId, exitCode, handle }: Partial<RunRecord>): boolean {
  return [mlflowRunId, exitCode, handle].some((each) => each !== null && each !== undefined);
}

function looseRecord(text: string): Partial<RunRecord> {
  try {
    return (JSON.parse(text) as Partial<RunRecord> | null) ?? {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** The run of this id; null where the storage has none. */
export async function readStoredRun(storageDirectory: string, runId: string): Promise<StoredRun | null> {
  return (await readRunIds(storageDirectory)).includes(runId) ? readRun(storageDirectory, runId) : null;
}

/**
 * The run meant by an id, a unique prefix of one, an MLflow run id (or a prefix of 8 and more), or a run name (the
 * newest of that name). Throws UsageError where none or several are meant.
 */
export async function findRun(storageDirectory: string, text: string): Promise<StoredRun> {
  const found = await findRunIfAny(storageDirectory, text);
  if (found !== null) return found;
  const folder = runsDirectory(storageDirectory);
  const names = (await listRuns(storageDirectory)).flatMap(({ runId, plan }) =>
    plan === null ? [runId] : [plan.runName, runId],
  );
  throw new UsageError(`No run "${text}" in ${folder}${didYouMean(text, names) || '.'}`, {
    hint: `Give its name, its id or the start of it; where it lies in another storage, name that with --storage. The ids here: \`ls ${folder}\``,
  });
}

/** As findRun, but null where none is meant. */
export async function findRunIfAny(storageDirectory: string, text: string): Promise<StoredRun | null> {
  const runIds = await readRunIds(storageDirectory);
  if (runIds.includes(text)) return readRun(storageDirectory, text);

  const byPrefix = text === '' ? [] : runIds.filter((runId) => runId.startsWith(text));
  if (byPrefix.length > 1) throw ambiguous(text, byPrefix);
  const [only] = byPrefix;
  if (only !== undefined) return readRun(storageDirectory, only);

  const runs = await listRuns(storageDirectory);
  const byName = runs.find((run) => run.plan?.runName === text);
  if (byName !== undefined) return byName;
  const byMlflowId = runs.filter((run) => text.length >= 8 && run.state?.mlflowRunId?.startsWith(text) === true);
  if (byMlflowId.length > 1) {
    throw ambiguous(
      text,
      byMlflowId.map((run) => run.runId),
    );
  }
  return byMlflowId[0] ?? null;
}

function ambiguous(text: string, runIds: readonly string[]): UsageError {
  const shown = runIds.slice(0, 5).join(', ');
  const more = runIds.length > 5 ? ` and ${runIds.length - 5} more` : '';
  return new UsageError(`"${text}" means several runs: ${shown}${more}.`, { hint: 'Give more characters of the id.' });
}

async function readRunIds(storageDirectory: string): Promise<string[]> {
  try {
    const entries = await readdir(runsDirectory(storageDirectory), { withFileTypes: true });
    const runIds = entries.filter((entry) => entry.isDirectory() && isRunId(entry.name)).map((entry) => entry.name);
    return runIds.sort().reverse();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw new SlipwayError(`Cannot list the runs in ${storageDirectory}: ${errorMessage(error)}.`, { cause: error });
  }
}

async function readRun(storageDirectory: string, runId: string): Promise<StoredRun> {
  const paths = runPaths(storageDirectory, runId);
  const problems = new Set<string>();
  const orProblem = (error: unknown): null => {
    const isClosed = errorCode(error instanceof Error ? error.cause : null) === 'EACCES';
    problems.add(isClosed ? 'its owner lets nobody else look into its folder.' : errorMessage(error));
    return null;
  };
  const plan = await readPlan(paths.directory).catch(orProblem);
  const state = await readState(paths.directory).catch(orProblem);
  return { runId, paths, plan, state, problem: [...problems].join(' ') || null };
}
