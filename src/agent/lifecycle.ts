import { SlipwayError } from '../errors.ts';
import type { Executor, ProgramHandle } from '../executors/executor.ts';
import type { MlflowClient } from '../mlflow/index.ts';
import { isFinal } from '../runs/state.ts';
import { begin } from './begin.ts';
import { finishRun, tellResult } from './finish.ts';
import { followProgram, recordEnd } from './follow-program.ts';
import { registerRun } from './register.ts';
import type { RunContext } from './run-context.ts';
import type { StopRequests } from './stop-requests.ts';
import { tellFailure } from './tell-failure.ts';

/**
 * The life of one run, from its plan to exactly one true status. Every step first looks at what is recorded, so
 * that an agent which takes over a run goes on where the one before it died.
 *
 * What fails before the program starts fails the run. Once it runs, nothing of ours stops it: a tracking server that
 * goes away is waited for, and what the program wrote stays in the run folder until it has arrived.
 */
export async function carryOut(run: RunContext, executor: Executor, stop: StopRequests): Promise<void> {
  if (isFinal(run.record.state) && run.record.statusSent) {
    // The agent before this one ended between its last two steps.
    await tellResult(run);
    return;
  }
  if (run.record.startedAtMs === null) await run.update({ startedAtMs: Date.now() });
  const endedEarlier = run.hasEnded;
  const { link } = await begin(run, executor, stop);
  let isCarried = (await link?.carry()) ?? false;
  if (!run.hasEnded) {
    await recordEnd(run, await followProgram(run, executor, run.record.handle as ProgramHandle, stop));
  }
  if (endedEarlier && link !== null && !isCarried && !link.isDeleted) {
    await registerLate(run, link.client);
    isCarried = await link.carry();
  }
  await finishRun(run, executor, link);
  await link?.close();
}

/** A run that ended without a server is carried to one: what it is refused for is told, and the run stays as it is. */
async function registerLate(run: RunContext, client: MlflowClient): Promise<void> {
  try {
    await registerRun(run, client, new AbortController().signal);
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    tellFailure(run, error);
  }
}
