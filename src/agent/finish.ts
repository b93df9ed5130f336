import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errorMessage } from '../errors.ts';
import type { Executor, ProgramHandle } from '../executors/executor.ts';
import { HttpError, type MlflowClient } from '../mlflow/index.ts';
import { RunLogAppender } from '../runlog/index.ts';
import { isFinal } from '../runs/state.ts';
import { maskSecrets, sleep } from '../util/index.ts';
import { cutText } from './cut-text.ts';
import type { ExperimentPage } from './experiment-page.ts';
import type { RunContext } from './run-context.ts';
import { type NoteFacts, noteTag, rememberNote, runNote } from './run-note.ts';
import type { RunFollower } from './stream-run.ts';
import { statusOf, summarize } from './summary.ts';

const firstRetryMs = 1_000;
const longestRetryMs = 60_000;
const mostRefusals = 3;

const showTimeoutMs = 10_000;

/** Characters of a reason that are shown as a tag; the whole of it is in `state.json`. */
const longestReason = 2000;

/** What the agent itself adds to the run's artifacts, where it is there and not empty. */
const keptFiles = [
  { path: 'logs/stdout.log', to: 'logs' },
  { path: 'logs/stderr.log', to: 'logs' },
  { path: 'inputs/changes.patch', to: 'source' },
  { path: 'inputs/config.yaml', to: 'source' },
] as const;

/**
 * Keeps the output, waits until everything is on the server, sets the one final status, tidies up, and tells the
 * result. Where the server does not take it within the drain timeout the result is told with `drained: false`, and
 * the agent goes on until it does.
 */
export async function finishRun(
  run: RunContext,
  executor: Executor,
  { client, page, stream }: RunOnServer,
): Promise<void> {
  // One that ended before is brought to a server: all that there was to keep and to remove is done.
  const isOver = isFinal(run.record.state);
  if (run.record.state !== 'draining') await run.update({ state: 'draining' });
  if (!isOver) keepFiles(run);
  // Exit code and output are in the run folder by now: nothing is lost with the container.
  const tidied = isOver ? null : tidyUp(run, executor);
  if (client !== null && stream !== null) {
    const impatient = setTimeout(() => void tellResult(run), run.plan.drainTimeoutMs);
    await Promise.all([drain(run, stream), respectOwnFailure(run, client)]);
    await showEnd(run, client, page);
    const accepted = await sendStatus(run, client);
    clearTimeout(impatient);
    if (accepted) await run.update({ drained: true, statusSent: true });
    await stream.close();
  }
  await close(run);
  await tidied;
}

/** The run's place on the server; null where it has none. */
export interface RunOnServer {
  readonly client: MlflowClient | null;
  readonly page: ExperimentPage | null;
  readonly stream: RunFollower | null;
}

/** Tells the end in the note and on the experiment's page. One try: the tags and the status say it as well. */
async function showEnd(run: RunContext, client: MlflowClient, page: ExperimentPage | null): Promise<void> {
  const { mlflowRunId: runId } = run.record;
  if (runId === null) return;
  const call = { maximumRetries: 1, timeoutMs: showTimeoutMs };
  try {
    const { data } = await client.getRun(runId, call);
    // An agent that took the run over has not seen all of it.
    run.diverged ??= data.tags.diverged ?? null;
    await Promise.all([
      page?.finish(data),
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
  const noteOf = (facts: NoteFacts): string => maskSecrets(runNote(plan, facts), run.secrets);
  if (current !== undefined && current !== noteOf({ image: record.image, tags: {}, result: null })) return;
  const result = await summarize(run);
  const note = noteOf({ image: record.image, tags, result });
  await rememberNote(run, note);
  await setTag(noteTag, note);
}

function keepFiles(run: RunContext): void {
  const log = RunLogAppender.open(run.paths.directory, 'agent');
  for (const { path, to } of keptFiles) {
    const file = join(run.paths.directory, path);
    if (existsSync(file) && statSync(file).size > 0) log.artifact(path, to);
  }
  log.close();
}

async function drain(run: RunContext, stream: RunFollower): Promise<void> {
  const never = new AbortController().signal;
  stream.programEnded();
  const status = await run.journal.step(
    'drain',
    'sending the rest to the tracking server',
    () => stream.drain({ signal: never }),
    () => ({ title: 'everything is on the tracking server' }),
  );
  if (status.refused.length === 0) return;
  run.emit({
    type: 'warning',
    text: `The tracking server refused ${status.refused.length} values for good; they are kept in ${run.paths.sync}`,
  });
}

/** A program that logs to MLflow itself may have called its run failed: that stays, whatever its exit code. */
async function respectOwnFailure(run: RunContext, client: MlflowClient): Promise<void> {
  const runId = run.record.mlflowRunId;
  if (runId === null || statusOf(run) !== 'FINISHED') return;
  await untilAccepted(run, async () => {
    const { info } = await client.getRun(runId);
    if (info.status === 'FAILED') await run.update({ reason: 'the program itself marked the run as failed' });
  });
}

/** True once the server has the final status. */
async function sendStatus(run: RunContext, client: MlflowClient): Promise<boolean> {
  const { mlflowRunId: runId, reason, endedAtMs } = run.record;
  if (runId === null) return false;
  const status = { status: statusOf(run), endTimeMs: endedAtMs ?? Date.now() };
  if (!(await untilAccepted(run, () => client.updateRun(runId, status)))) return false;
  if (reason === null) return true;
  return untilAccepted(run, () => client.setTag(runId, 'slipway.reason', cutText(reason, longestReason)));
}

/**
 * Repeats a call however long the server is away. What it refuses is tried a few times more, because a refusal can
 * pass too (a login that is being renewed); then it is told, and false is returned: `slipway sync` tries again.
 */
async function untilAccepted(run: RunContext, call: () => Promise<unknown>): Promise<boolean> {
  let refusals = 0;
  for (let delayMs = firstRetryMs; ; delayMs = Math.min(delayMs * 2, longestRetryMs)) {
    try {
      await call();
      return true;
    } catch (error) {
      if (!(error instanceof HttpError && error.isRetryable)) refusals += 1;
      if (refusals > mostRefusals) {
        run.emit({ type: 'warning', text: `The end of the run could not be recorded: ${errorMessage(error)}` });
        return false;
      }
      await sleep(delayMs);
    }
  }
}

async function tidyUp(run: RunContext, executor: Executor): Promise<void> {
  // Nothing can have been started before the program was prepared.
  if (run.record.handle === null && run.record.image === null && run.plan.engine !== 'host') return;
  try {
    const handle = (run.record.handle as ProgramHandle | null) ?? (await executor.find(run.plan));
    if (handle === null) return;
    // Started, and then given up before it was recorded as running.
    if (run.record.exitCode === null) await executor.stop(handle, 'force');
    await executor.remove(handle);
  } catch (error) {
    run.emit({ type: 'warning', text: `What the run left behind could not be removed: ${errorMessage(error)}` });
  }
}

async function close(run: RunContext): Promise<void> {
  const states = { FINISHED: 'finished', FAILED: 'failed', KILLED: 'killed' } as const;
  await run.update({ state: states[statusOf(run)] });
  await tellResult(run);
}

/** Tells the result to everyone who watches. */
export async function tellResult(run: RunContext): Promise<void> {
  run.emit({ type: 'result', result: await summarize(run) });
}
