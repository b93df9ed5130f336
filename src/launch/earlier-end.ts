import { agentLives } from '../agent/index.ts';
import { UsageError } from '../errors.ts';
import type { LaunchEventBody } from '../events.ts';
import { createExecutor, type Executor, type ProgramHandle } from '../executors/index.ts';
import { planOfAttempt, type RunRecord, readState } from '../runs/index.ts';
import { isFinal } from '../runs/state.ts';
import { sleep } from '../util/index.ts';

/** So long a resumption waits for an agent that is sending the last of an attempt. */
const patienceMs = 60_000;
const pollMs = 100;
const leftoverPatienceMs = 3_000;
/** A wait that is longer than this is told of. */
const toldAfterMs = 2_000;

/**
 * How the last attempt of a run ended, whoever has written that down: its agent, or nobody where that was killed with the
 * program or with the machine. Waits for an agent that is about to end.
 * Throws UsageError where the program runs, or its agent is still sending what it wrote.
 */
export async function earlierEnd(
  runDirectory: string,
  runId: string,
  { signal, emit }: { readonly signal: AbortSignal; readonly emit: (body: LaunchEventBody) => void },
): Promise<{ readonly isFinished: boolean }> {
  const startedMs = performance.now();
  for (let isTold = false; await agentLives(runDirectory); ) {
    const record = await readState(runDirectory);
    const isOver = record !== null && (isFinal(record.state) || record.state === 'draining');
    if (!isOver) throw running(runId, 'it is running');
    if (performance.now() - startedMs > patienceMs) {
      throw new UsageError(`The run ${runId} cannot be resumed yet: its agent is still sending what it wrote.`, {
        hint: `To watch that: \`slipway sync ${runId}\``,
      });
    }
    if (!isTold && performance.now() - startedMs > toldAfterMs) {
      isTold = true;
      emit({ type: 'notice', text: `Waiting for the agent of run ${runId}, which is sending what the run wrote.` });
    }
    await sleep(pollMs, { signal });
  }
  const record = await readState(runDirectory);
  if (record === null) return { isFinished: false };
  const plan = await planOfAttempt(runDirectory, record.attempt);
  const mayHaveStarted = record.handle !== null || record.image !== null || plan.engine === 'host';
  const isKnown = record.exitCode !== null || record.reason !== null;
  // A container whose end is written down is as good as gone: no engine need be asked.
  if (!mayHaveStarted || (isKnown && plan.engine === 'docker'))
    return { isFinished: isFinished(record, record.exitCode) };
  const executor = createExecutor(plan.engine);
  const handle = (record.handle as ProgramHandle | null) ?? (await executor.find(plan));
  if (handle === null) return { isFinished: isFinished(record, record.exitCode) };
  const exitCode = isKnown ? record.exitCode : await exitCodeOf(executor, handle, runId);
  await refuseLeftovers(executor, handle, runId);
  return { isFinished: isFinished(record, exitCode) };
}

function isFinished({ reason, stopRequested }: RunRecord, exitCode: number | null): boolean {
  return exitCode === 0 && reason === null && stopRequested === null;
}

/** What a program exited with whose agent is gone; null where that is not known. */
async function exitCodeOf(executor: Executor, handle: ProgramHandle, runId: string): Promise<number | null> {
  const status = await executor.inspect(handle);
  if (status.state === 'running') throw running(runId, 'its program still runs, though its agent is gone');
  return status.state === 'exited' && status.exit.error === null ? status.exit.exitCode : null;
}

/** Two programs must not write in one run folder. Those that are just being ended by force are waited for. */
async function refuseLeftovers(executor: Executor, handle: ProgramHandle, runId: string): Promise<void> {
  let pids = await executor.leftovers(handle);
  for (let waitedMs = 0; pids.length > 0 && waitedMs < leftoverPatienceMs; waitedMs += pollMs) {
    await sleep(pollMs);
    pids = await executor.leftovers(handle);
  }
  if (pids.length === 0) return;
  const list = pids.join(' ');
  throw new UsageError(`The run ${runId} cannot be resumed: processes of its program go on (${list}).`, {
    hint: `End them: \`kill ${list}\``,
  });
}

function running(runId: string, why: string): UsageError {
  return new UsageError(`The run ${runId} cannot be resumed: ${why}.`, {
    hint: `To watch it: \`slipway attach ${runId}\``,
  });
}
