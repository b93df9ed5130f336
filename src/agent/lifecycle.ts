import type { Executor, ProgramHandle } from '../executors/executor.ts';
import { isFinal } from '../runs/state.ts';
import { begin } from './begin.ts';
import { finishRun, tellResult } from './finish.ts';
import { followProgram, recordEnd } from './follow-program.ts';
import type { RunContext } from './run-context.ts';
import { ServerReach } from './server-reach.ts';
import type { StopRequests } from './stop-requests.ts';
import { SyncRequests } from './sync-requests.ts';

/**
 * The life of one run, from its plan to exactly one true status. Every step first looks at what is recorded, so
 * that an agent which takes over a run goes on where the one before it died.
 *
 * What fails before the program starts fails the run. Once it runs, nothing of ours stops it: a tracking server that
 * goes away is waited for, and what the program wrote stays in the run folder until it has arrived.
 */
export async function carryOut(
  run: RunContext,
  executor: Executor,
  stop: StopRequests,
  syncs: SyncRequests = new SyncRequests(),
): Promise<void> {
  // The agent before this one ended between its last two steps, or somebody looks at a run that waits to be sent.
  if (isFinal(run.record.state) && (run.record.statusSent || (run.record.offline && !run.isSent))) {
    await tellResult(run);
    return;
  }
  if (run.record.startedAtMs === null) await run.update({ startedAtMs: Date.now() });
  const endedEarlier = run.hasEnded;
  const { link } = await begin(run, executor, stop);
  const reach = new ServerReach(run, link, { stop, syncs });
  await reach.carry();
  if (!run.hasEnded) {
    await reach.whileRunning(async () =>
      recordEnd(run, await followProgram(run, executor, run.record.handle as ProgramHandle, stop)),
    );
  }
  const reached = await reach.settle(endedEarlier);
  await finishRun(run, executor, reached);
  await reached?.close();
  reach.end();
}
