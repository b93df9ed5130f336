import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errorMessage } from '../errors.ts';
import type { Executor, ProgramHandle } from '../executors/executor.ts';
import { MlflowApiError, type MlflowClient } from '../mlflow/index.ts';
import { RunLogAppender } from '../runlog/index.ts';
import { sleep } from '../util/index.ts';
import type { RunContext } from './run-context.ts';
import type { RunFollower } from './stream-run.ts';
import { statusOf, summarize } from './summary.ts';

const firstRetryMs = 1_000;
const longestRetryMs = 60_000;

/** What the agent itself adds to the run's artifacts, where it is there and not empty. */
const keptFiles = [
  { path: 'logs/stdout.log', to: 'logs' },
  { path: 'logs/stderr.log', to: 'logs' },
  { path: 'inputs/changes.patch', to: 'source' },
] as const;

/**
 * Keeps the output, waits until everything is on the server, sets the one final status, tidies up, and tells the
 * result. Where the server does not take it within the drain timeout the result is told with `drained: false`, and
 * the agent goes on until it does.
 */
export async function finishRun(
  run: RunContext,
  executor: Executor,
  client: MlflowClient | null,
  stream: RunFollower | null,
): Promise<void> {
  await run.update({ state: 'draining' });
  keepFiles(run);
  if (client === null || stream === null) {
    await tidyUp(run, executor);
    await close(run);
    return;
  }
  const impatient = setTimeout(() => {
    void summarize(run).then((result) => run.emit({ type: 'result', result }));
  }, run.plan.drainTimeoutMs);
  stream.programEnded();
  const drained = run.journal.step('drain', 'everything is on the tracking server', async () => {
    const status = await stream.drain({ signal: new AbortController().signal });
    if (status.refused.length > 0) {
      run.emit({
        type: 'warning',
        text: `The tracking server refused ${status.refused.length} values for good; they are kept in ${join(run.paths.directory, 'sync')}`,
      });
    }
  });
  await drained;
  await sendStatus(run, client);
  clearTimeout(impatient);
  await run.update({ drained: true, statusSent: true });
  await stream.close();
  await tidyUp(run, executor);
  await close(run);
}

function keepFiles(run: RunContext): void {
  const log = RunLogAppender.open(run.paths.directory, 'agent');
  for (const { path, to } of keptFiles) {
    const file = join(run.paths.directory, path);
    if (existsSync(file) && statSync(file).size > 0) log.artifact(path, to);
  }
  log.close();
}

/** Sets MLflow's status, however long the server is away. A program's own FAILED stays. */
async function sendStatus(run: RunContext, client: MlflowClient): Promise<void> {
  const runId = run.record.mlflowRunId;
  if (runId === null) return;
  for (let delayMs = firstRetryMs; ; delayMs = Math.min(delayMs * 2, longestRetryMs)) {
    try {
      const current = await client.getRun(runId);
      const own = current.info.status === 'FAILED' && statusOf(run) === 'FINISHED';
      if (own) await run.update({ reason: 'the program itself marked the run as failed' });
      if (run.record.reason !== null) await client.setTag(runId, 'slipway.reason', run.record.reason);
      await client.updateRun(runId, { status: statusOf(run), endTimeMs: run.record.endedAtMs ?? Date.now() });
      return;
    } catch (error) {
      if (error instanceof MlflowApiError && !error.isRetryable) {
        run.emit({ type: 'warning', text: `The final status could not be set: ${errorMessage(error)}` });
        return;
      }
      await sleep(delayMs);
    }
  }
}

async function tidyUp(run: RunContext, executor: Executor): Promise<void> {
  if (run.record.handle === null) return;
  try {
    await executor.remove(run.record.handle as ProgramHandle);
  } catch (error) {
    run.emit({ type: 'warning', text: `What the run left behind could not be removed: ${errorMessage(error)}` });
  }
}

async function close(run: RunContext): Promise<void> {
  const states = { FINISHED: 'finished', FAILED: 'failed', KILLED: 'killed' } as const;
  await run.update({ state: states[statusOf(run)] });
  run.emit({ type: 'result', result: await summarize(run) });
}
