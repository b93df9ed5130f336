import { existsSync } from 'node:fs';
import { ExitCode, errorMessage } from '../errors.ts';
import { HttpError, isNotFound } from '../mlflow/index.ts';
import type { StreamStatus } from '../stream/index.ts';
import { sleep } from '../util/index.ts';
import { cutText } from './cut-text.ts';
import { lastLinesOf, tagsAtEnd } from './end-tags.ts';
import { addIncomplete } from './incomplete.ts';
import type { RunContext } from './run-context.ts';
import { longestLinesOfNote, type NoteFacts, noteTag, rememberNote, runNote } from './run-note.ts';
import type { ServerLink } from './server-link.ts';
import { statusOf, summarize } from './summary.ts';
import { whenFolderIsGone } from './watch-folder.ts';

/** Of a run whose folder is gone no other agent can tell: this one tries for so long. */
const folderlessMs = 3_600_000;

const firstRetryMs = 1_000;
const longestRetryMs = 60_000;
const mostRefusals = 3;

const showTimeoutMs = 10_000;

/** Of what is missing so many are named, each in so many characters; all of it stands in `sync/`. */
const namedRefusals = 5;
const longestRefusal = 300;

/** The server has not this run any more: it was deleted there, or another one is in its place. */
class RunMoved extends Error {}

/**
 * Brings all of a run that has ended to its server, and sets the one final status; whichever run there it is by then.
 * Where the run is deleted meanwhile, nothing more is sent.
 */
export async function deliver(run: RunContext, link: ServerLink): Promise<void> {
  for (;;) {
    if (link.isDeleted || !(await drain(run, link))) return;
    try {
      await respectOwnFailure(run, link);
      await showEnd(run, link);
      if (await sendStatus(run, link)) await run.settle({ drained: true, statusSent: true });
      return;
    } catch (error) {
      if (!(error instanceof RunMoved)) throw error;
    }
  }
}

/**
 * Sets the final status without anything else; false where the server does not have it. A server that is away is asked
 * until the signal is aborted, and its reason is thrown then.
 */
export async function sendEnd(run: RunContext, link: ServerLink, signal: AbortSignal): Promise<boolean> {
  try {
    return await sendStatus(run, link, signal);
  } catch (error) {
    if (error instanceof RunMoved) return false;
    throw error;
  }
}

/** False where the run was deleted on the server meanwhile. */
async function drain(run: RunContext, link: ServerLink): Promise<boolean> {
  const gone = new AbortController();
  const over = new AbortController();
  const folder = whenFolderIsGone(run, over.signal).then(
    async (reason) => {
      await folderWasLost(run, reason);
      gone.abort(new Error(reason));
    },
    () => undefined,
  );
  let status: StreamStatus | null = null;
  try {
    status = await run.journal.step(
      'drain',
      'sending the rest to the tracking server',
      () => link.drain(gone.signal),
      (end) => (end === null ? {} : { title: titleOf(end) }),
    );
  } finally {
    over.abort(new Error('It is over.'));
    await folder;
  }
  if (status !== null) await tellRefused(run, status);
  return status !== null || gone.signal.aborted;
}

function titleOf({ refusedCount }: StreamStatus): string {
  if (refusedCount === 0) return 'everything is on the tracking server';
  return 'all that the tracking server takes is there';
}

/** What was not sent by then will never be: the run has failed, whatever its program made of it. */
async function folderWasLost(run: RunContext, reason: string): Promise<void> {
  const incomplete = `${reason} before all of it was sent`;
  if (statusOf(run) !== 'FINISHED') await run.settle({ incomplete });
  else await run.settle({ incomplete, reason, failure: 'storage', failureExitCode: ExitCode.cannotWrite });
}

/** What the server will never take is told, and stands on the run itself. */
async function tellRefused(run: RunContext, { refused, refusedCount }: StreamStatus): Promise<void> {
  if (refusedCount === 0) return;
  const named = refused.slice(0, namedRefusals).map((each) => cutText(each, longestRefusal));
  const more = refusedCount > namedRefusals ? `; and ${refusedCount - namedRefusals} more` : '';
  const count = refusedCount === 1 ? 'one thing' : `${refusedCount} things`;
  const text = `${count} could not be sent: ${named.join('; ')}${more}`;
  await addIncomplete(run, text);
  run.emit({
    type: 'warning',
    text: `Of what was logged, ${count} could not be sent; what and why is kept in ${run.paths.sync}`,
  });
}

/** Tells the end in the note and on the experiment's page. One try: the tags and the status say it as well. */
async function showEnd(run: RunContext, { client, page }: ServerLink): Promise<void> {
  const { mlflowRunId: runId } = run.record;
  if (runId === null) return;
  const call = { maximumRetries: 1, timeoutMs: showTimeoutMs };
  try {
    const { info, data } = await client.getRun(runId, call);
    if (info.lifecycleStage === 'deleted') return;
    // An agent that took the run over has not seen all of it.
    run.diverged ??= data.tags.diverged ?? null;
    await Promise.all([
      page.finish(data),
      finishNote(run, data.tags, (key, value) => client.setTag(runId, key, value, call)),
    ]);
  } catch (error) {
    run.emit({ type: 'debug', text: `The run's end could not be written to its note: ${errorMessage(error)}` });
  }
}

/** A note that somebody has written meanwhile stays. */
async function finishNote(
  run: RunContext,
  tags: Readonly<Record<string, string>>,
  setTag: (key: string, value: string) => Promise<void>,
): Promise<void> {
  const { plan, record } = run;
  const { [noteTag]: current } = tags;
  // As they are sent: what must not be shown is masked on the way.
  const noteOf = (facts: NoteFacts): string => run.mask(runNote(plan, facts));
  if (current !== undefined && current !== noteOf({ image: record.image, tags: {}, result: null })) return;
  const result = await summarize(run);
  const shown = statusOf(run) === 'FAILED' ? lastLinesOf(run, longestLinesOfNote) : null;
  const note = noteOf({ image: record.image, tags, result, lastLines: shown });
  await rememberNote(run, note);
  await setTag(noteTag, note);
}

/** A program that logs to MLflow itself may have called its run failed: that stays, whatever its exit code. */
async function respectOwnFailure(run: RunContext, link: ServerLink): Promise<void> {
  if (statusOf(run) !== 'FINISHED') return;
  await untilAccepted(run, link, async (runId) => {
    const { info } = await link.client.getRun(runId);
    const reason = 'the program itself marked the run as failed';
    if (info.status === 'FAILED') await run.settle({ reason, failure: 'program' });
  });
}

/** True once the server has the final status, and before it what tells of the end: who sees the one sees the other. */
async function sendStatus(run: RunContext, link: ServerLink, signal?: AbortSignal): Promise<boolean> {
  const { client } = link;
  const call = signal === undefined ? {} : { signal };
  const tags = tagsAtEnd(run);
  const isTold =
    Object.keys(tags).length === 0 ||
    (await untilAccepted(run, link, (runId) => client.logBatch(runId, { tags }, call), signal));
  const { createdAtMs, resumedAtMs } = run.plan;
  // A clock that was set back must not make a run end before it began.
  const endTimeMs = Math.max(run.record.endedAtMs ?? Date.now(), resumedAtMs ?? createdAtMs);
  const status = { status: statusOf(run), endTimeMs };
  return (await untilAccepted(run, link, (runId) => client.updateRun(runId, status, call), signal)) && isTold;
}

/**
 * Repeats a call however long the server is away. What it refuses is tried a few times more, because a refusal can
 * pass too (a login that is being renewed); then it is told, and false is returned: `slipway sync` tries again.
 * Throws RunMoved where the run was deleted or replaced meanwhile, and the signal's reason.
 */
async function untilAccepted(
  run: RunContext,
  link: ServerLink,
  call: (runId: string) => Promise<unknown>,
  signal?: AbortSignal,
): Promise<boolean> {
  const runId = run.record.mlflowRunId;
  const beganMs = performance.now();
  let refusals = 0;
  for (let delayMs = firstRetryMs; ; delayMs = Math.min(delayMs * 2, longestRetryMs)) {
    if (runId === null || link.isDeleted || run.record.mlflowRunId !== runId) throw new RunMoved();
    try {
      await call(runId);
      return true;
    } catch (error) {
      signal?.throwIfAborted();
      const isRefusal = !(error instanceof HttpError && error.isRetryable);
      // A run that was deleted or lost refuses everything: which of them it is, a look tells.
      if (isRefusal) await link.lookNow();
      if (isRefusal && !isNotFound(error)) refusals += 1;
      const isLost = performance.now() - beganMs > folderlessMs && !existsSync(run.paths.directory);
      if (refusals > mostRefusals || isLost) {
        run.emit({ type: 'warning', text: `The end of the run could not be recorded: ${errorMessage(error)}` });
        return false;
      }
      await sleep(delayMs, signal === undefined ? {} : { signal });
    }
  }
}
