import { environment } from '../config.ts';
import { ExitCode, errorMessage, SlipwayError } from '../errors.ts';
import type { Executor, ProgramHandle } from '../executors/executor.ts';
import { createExecutor } from '../executors/index.ts';
import { MlflowClient } from '../mlflow/index.ts';
import { isFinal, type RunRecord, readState, writeState } from '../runs/index.ts';
import { withoutStop } from '../util/as-sentence.ts';
import { sendEnd } from './deliver.ts';
import { ExperimentPage } from './experiment-page.ts';
import { failureKindOf } from './failure-reason.ts';
import { finishRun } from './finish.ts';
import type { RunContext } from './run-context.ts';
import { ServerLink } from './server-link.ts';
import { StopRequests } from './stop-requests.ts';
import { tellFailure } from './tell-failure.ts';
import { openTracking } from './tracking.ts';

const callTimeoutMs = 15_000;

/**
 * Ends a run that no agent gets to its end: several have failed at it, or this one can write nothing down. The program is
 * ended by force, and the run has failed, with the reason, in its folder and on its server as far as they can be reached.
 */
export async function giveUp(run: RunContext, executor: Executor, error: unknown): Promise<void> {
  const reason = withoutStop(tellFailure(run, error));
  if (!run.hasEnded) {
    await run.settle({
      state: 'draining',
      endedAtMs: Date.now(),
      reason,
      failure: failureKindOf(error, 'internal'),
      failureExitCode: error instanceof SlipwayError ? error.exitCode : ExitCode.internal,
    });
  }
  const incomplete = run.record.incomplete ?? `its agents failed before all of it was sent: ${reason}`;
  await run.settle({ incomplete });
  if (run.record.mlflowRunId !== null && run.record.deletedAtMs === null) {
    try {
      const client = await openTracking(run, AbortSignal.timeout(callTimeoutMs));
      if (client !== null) {
        const link = new ServerLink(run, client, new ExperimentPage(run, client), new StopRequests());
        const patience = AbortSignal.timeout(2 * callTimeoutMs);
        if (await sendEnd(run, link, patience)) await run.settle({ statusSent: true });
      }
    } catch (problem) {
      run.emit({ type: 'warning', text: `The end of the run could not be recorded: ${errorMessage(problem)}` });
    }
  }
  try {
    await finishRun(run, executor, null);
  } catch (problem) {
    run.journal.defect(problem);
  }
}

/**
 * Ends a run whose plan is gone or damaged, from what its state says: the program is ended by force, and the run on the
 * server has failed with the reason. Does what can be done, and throws nothing.
 */
export async function abandon(runDirectory: string, error: unknown): Promise<void> {
  const record = await readState(runDirectory).catch(() => null);
  if (record === null || (isFinal(record.state) && record.statusSent)) return;
  const reason = withoutStop(errorMessage(error));
  await quietly(() => endProgram(record));
  let { statusSent } = record;
  const stopped = record.stopRequested !== null;
  const status = stopped ? 'KILLED' : 'FAILED';
  await quietly(async () => {
    const { mlflowRunId, trackingUri } = record;
    if (mlflowRunId === null || trackingUri === null || statusSent) return;
    const named = environment().MLFLOW_TRACKING_URI;
    const client = new MlflowClient({ trackingUri: named || trackingUri, environment: environment() });
    const call = { timeoutMs: callTimeoutMs, maximumRetries: 2 };
    await client.logBatch(mlflowRunId, { tags: { 'slipway.reason': reason, 'slipway.failure': 'storage' } }, call);
    await client.updateRun(mlflowRunId, { status, endTimeMs: Math.max(Date.now(), record.startedAtMs ?? 0) }, call);
    statusSent = true;
  });
  await quietly(() =>
    writeState(runDirectory, {
      ...record,
      state: stopped ? 'killed' : 'failed',
      endedAtMs: record.endedAtMs ?? Date.now(),
      reason: record.reason ?? reason,
      failure: record.failure ?? 'storage',
      failureExitCode: ExitCode.cannotWrite,
      statusSent,
    }),
  );
}

async function endProgram({ handle }: RunRecord): Promise<void> {
  const program = handle as ProgramHandle | null;
  if (program === null || (program.executor !== 'docker' && program.executor !== 'host')) return;
  const executor = createExecutor(program.executor);
  await executor.stop(program, 'force');
  await executor.remove(program);
}

/** One part of an end must not keep the others from being reached. */
async function quietly(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  }
}
