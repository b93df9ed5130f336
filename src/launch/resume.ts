import { UsageError } from '../errors.ts';
import type { LaunchEventBody, RunResult } from '../events.ts';
import { takeOverOthers } from '../machine/adopt-orphans.ts';
import { findOwnRun } from '../machine/find-own-run.ts';
import { storagesToSearch } from '../machine/known-storages.ts';
import { parseTrackingUri } from '../mlflow/tracking-uri.ts';
import {
  keepPlan,
  logStarts,
  planOfAttempt,
  type RunPlan,
  type RunRecord,
  readState,
  writePlan,
} from '../runs/index.ts';
import { sleep } from '../util/index.ts';
import { acquireProcessLock } from '../util/process-lock.ts';
import { checkSameCode } from './check-same-code.ts';
import { earlierEnd } from './earlier-end.ts';
import { storageOf } from './find-project.ts';
import { growEpochs } from './grow-epochs.ts';
import { type DetachedRun, handOver } from './hand-over.ts';
import { type HandedOn, readHandedOn } from './handed-on.ts';
import type { LaunchContext } from './launch.ts';
import type { ResumeRequest } from './request.ts';
import { changedLimits, checkSameNames, checkUnchanged } from './resumed-options.ts';
import { watchRun } from './watch-run.ts';

const beginPollMs = 50;

/**
 * Goes on with a run whose program has ended: another attempt, in the same run folder and the same run of the server,
 * from the image that it ran in, with the same parameters but for epochs, which may grow. Watches it to its end.
 * Throws UsageError where the run goes on already or has nothing left to do, and where what is here is not what it ran.
 */
export async function resumeRun(request: ResumeRequest, context: LaunchContext): Promise<RunResult> {
  const { watched, others } = await beginAttempt(request, context, async (planned) => {
    const watched = watchRun({ ...planned, ...context });
    const others = takeOverOthers(planned.plan, context.sink, context.environment);
    await hasBegun(planned.runDirectory, planned.plan.attempt, watched);
    return { watched, others };
  });
  const result = await watched;
  await others;
  return result;
}

/** As resumeRun, but hands the attempt to an agent and does not watch it. */
export async function resumeDetached(request: ResumeRequest, context: LaunchContext): Promise<DetachedRun> {
  return beginAttempt(request, context, async ({ runDirectory, plan, variables }) => {
    const run = await handOver(runDirectory, plan, { ...context, variables });
    await takeOverOthers(plan, context.sink, context.environment);
    return run;
  });
}

/** An attempt that can be begun. */
interface PlannedAttempt {
  readonly runDirectory: string;
  readonly plan: RunPlan;
  readonly variables: Readonly<Record<string, string>>;
}

/** Plans an attempt and has it begun, while whoever resumes the run at the same time waits, and then finds it running. */
async function beginAttempt<T>(
  request: ResumeRequest,
  context: LaunchContext,
  begin: (planned: PlannedAttempt) => Promise<T>,
): Promise<T> {
  const { environment, politeStop: signal } = context;
  const { wishes, run } = request;
  const storages = await storagesToSearch(storageOf(wishes, environment), {
    isOnly: wishes.storage !== null,
    environment,
  });
  const { runId, paths } = await findOwnRun(storages, run);
  const runDirectory = paths.directory;
  const lock = await acquireProcessLock(`slipway-resume ${runDirectory}`, { signal });
  try {
    const { plan, variables } = await planAttempt(runDirectory, runId, request, context);
    signal.throwIfAborted();
    return await begin({ runDirectory, plan, variables });
  } finally {
    await lock.release();
  }
}

/** Resolves when an agent has begun the attempt, or when the watch of it is over. */
async function hasBegun(runDirectory: string, attempt: number, watched: Promise<unknown>): Promise<void> {
  let isOver = false;
  const end = (): void => {
    isOver = true;
  };
  watched.then(end, end);
  while (!isOver && ((await readState(runDirectory))?.attempt ?? 0) < attempt) await sleep(beginPollMs);
}

/** Draws the plan of the next attempt and writes it in the place of the one before, which is kept. */
async function planAttempt(
  runDirectory: string,
  runId: string,
  request: ResumeRequest,
  context: LaunchContext,
): Promise<{ plan: RunPlan; variables: Readonly<Record<string, string>> }> {
  const emit = (body: LaunchEventBody): void => context.sink({ timeMs: Date.now(), ...body });
  const drawn = await drawAttempt(runDirectory, runId, request, { ...context, signal: context.politeStop, emit });
  await keepPlan(runDirectory, drawn.earlier);
  await writePlan(runDirectory, drawn.plan);
  return { plan: drawn.plan, variables: drawn.handedOn.ofFiles };
}

interface DrawContext {
  readonly environment: LaunchContext['environment'];
  readonly signal: AbortSignal;
  readonly emit: (body: LaunchEventBody) => void;
  readonly onSecrets?: (secrets: readonly string[]) => void;
}

/** The next attempt of a run, and what it is drawn from. */
export interface DrawnAttempt {
  readonly plan: RunPlan;
  readonly earlier: RunPlan;
  readonly record: RunRecord;
  readonly handedOn: HandedOn;
}

/** Draws the plan of the next attempt, and makes nothing. Throws as `resumeRun` does. */
export async function drawAttempt(
  runDirectory: string,
  runId: string,
  { wishes, given }: ResumeRequest,
  context: DrawContext,
): Promise<DrawnAttempt> {
  const { environment, signal, emit } = context;
  const end = await earlierEnd(runDirectory, runId, { signal, emit });
  const record = await recordOf(runDirectory, runId);
  // A later attempt may have been planned that never began: this one takes its place.
  const earlier = await planOfAttempt(runDirectory, record.attempt);
  checkUnchanged(earlier, wishes, given);
  const grown = await growEpochs(earlier, wishes.parameters);
  if (end.isFinished && grown.command === earlier.project.command) throw nothingLeft(earlier);
  const handedOn = readHandedOn(
    {
      project: earlier.project.environment,
      passed: earlier.passEnvironment,
      envFiles: given.has('envFiles') ? wishes.envFiles : Object.keys(earlier.envFiles),
      secretFiles: given.has('secretFiles') ? wishes.secretFiles : earlier.secretFiles,
    },
    environment,
    earlier.engine === 'docker' ? earlier.owner : null,
  );
  context.onSecrets?.(handedOn.secrets);
  checkSameNames(earlier, handedOn);
  await checkSameCode(earlier, record.image, { environment, signal, emit });

  tellServer(record, environment, emit);
  const plan: RunPlan = {
    ...earlier,
    ...changedLimits(earlier, wishes, given),
    project: { ...earlier.project, command: grown.command },
    parameters: grown.parameters,
    envFiles: handedOn.envFiles,
    secretFiles: handedOn.secretFiles,
    attempt: record.attempt + 1,
    resumedAtMs: Date.now(),
    logStarts: await logStarts(runDirectory),
  };
  return { plan, earlier, record, handedOn };
}

/** A variable names the server of new runs: this one goes on where it is. */
function tellServer(
  { mlflowRunId, trackingUri }: RunRecord,
  { MLFLOW_TRACKING_URI: named }: LaunchContext['environment'],
  emit: (body: LaunchEventBody) => void,
): void {
  if (!named || mlflowRunId === null || trackingUri === null || parseTrackingUri(named).uri === trackingUri) return;
  emit({ type: 'warning', text: `The run goes on at ${trackingUri}, not at the server of MLFLOW_TRACKING_URI.` });
}

async function recordOf(runDirectory: string, runId: string): Promise<RunRecord> {
  const record = await readState(runDirectory);
  if (record !== null) return record;
  throw new UsageError(`The run ${runId} has not begun yet: there is nothing to resume.`, {
    hint: `To have it begin: \`slipway attach ${runId}\``,
  });
}

function nothingLeft({ runName, runId, parameters }: RunPlan): UsageError {
  const { epochs } = parameters;
  if (epochs === undefined)
    return new UsageError(`The run ${runName} (${runId}) has finished: there is nothing to resume.`);
  return new UsageError(
    `The run ${runName} (${runId}) has finished its ${epochs} epochs: there is nothing to resume.`,
    {
      hint: `To go on with more: \`slipway run --resume ${runId} -P epochs=<more than ${epochs}>\``,
    },
  );
}
