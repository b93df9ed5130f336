import { errorMessage } from '../errors.ts';
import type { Executor, ProgramExit, ProgramHandle } from '../executors/executor.ts';
import { lastReason } from '../runlog/index.ts';
import { isFinal } from '../runs/state.ts';
import { begin } from './begin.ts';
import { finishRun, tellResult } from './finish.ts';
import { lastWords } from './last-words.ts';
import type { RunContext } from './run-context.ts';
import { ServerLink } from './server-link.ts';
import { type StopRequests, stopReason } from './stop-requests.ts';
import { SyncRequests } from './sync-requests.ts';

/** Characters of what a program says of its own failure: a tag on the server holds it. */
const longestReason = 2000;

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
  const link = new ServerLink(run, await begin(run, executor, stop), syncs);
  if (!run.hasEnded) {
    // Whatever goes wrong here goes up and ends this agent: the program runs on, and the next agent takes it over.
    await link.whileRunning(async () =>
      recordEnd(run, await followProgram(run, executor, run.record.handle as ProgramHandle, stop)),
    );
  }
  await finishRun(run, executor, await link.settle(endedEarlier));
  link.end();
}

/** Watches the program to its end, keeps its output, and carries out what people ask. */
async function followProgram(
  run: RunContext,
  executor: Executor,
  handle: ProgramHandle,
  stop: StopRequests,
): Promise<ProgramExit> {
  const never = new AbortController().signal;
  let forceTimer: NodeJS.Timeout | undefined;
  const stopProgram = async (how: 'polite' | 'force'): Promise<void> => {
    try {
      await executor.stop(handle, how);
    } catch (error) {
      run.emit({ type: 'warning', text: `The program could not be stopped: ${errorMessage(error)}` });
    }
  };
  let heard: 'polite' | 'force' | null = null;
  stop.listen((how) => {
    // The same wish again gives it another time, and is no second signal to the program.
    const isNew = heard !== how;
    heard = how;
    void run
      .update({ ...stop.recorded, state: 'stopping' })
      .catch((error: unknown) => run.emit({ type: 'warning', text: errorMessage(error) }))
      .then(() => (isNew ? stopProgram(how) : undefined));
    clearTimeout(forceTimer);
    if (how === 'polite') {
      forceTimer = setTimeout(() => void stopProgram('force'), stop.graceMs ?? run.plan.stopGraceMs);
    }
  });
  try {
    const output = executor.followOutput(handle, run.paths.directory, never, run.record.outputStarts);
    const [exit] = await together([executor.wait(handle, never), output]);
    return exit;
  } finally {
    // The program's end is decided: who asks now asks too late.
    stop.end();
    clearTimeout(forceTimer);
  }
}

/** Writes down how the program ended. */
export async function recordEnd(run: RunContext, exit: ProgramExit): Promise<void> {
  await run.update({
    state: 'draining',
    exitCode: exit.exitCode,
    outOfMemory: exit.outOfMemory,
    endedAtMs: exit.finishedAtMs ?? Date.now(),
    reason: run.record.stopRequested !== null ? stopReason(run.record) : await failureReason(run, exit),
  });
}

async function failureReason(run: RunContext, exit: ProgramExit): Promise<string | null> {
  if (exit.error !== null) return exit.error;
  if (exit.exitCode === 0) return null;
  if (exit.outOfMemory) {
    const limit = run.plan.limits.memoryMiB;
    return `the program was killed for want of memory${limit === null ? '' : ` (its limit is ${limit} MiB)`}`;
  }
  const { directory, stderrLog } = run.paths;
  // What an earlier attempt said of its end is no reason for this one's.
  const said =
    (await lastReason(directory, run.plan.logStarts)) ?? lastWords(stderrLog, run.record.outputStarts.stderr);
  const code = `the program exited with code ${exit.exitCode}`;
  return said === null ? code : `${code}: ${said.slice(0, longestReason)}`;
}

/** Waits for all, and only then lets the first failure out: nothing goes on behind a step that is said to have ended. */
async function together<Results extends readonly unknown[]>(
  work: {
    readonly [Key in keyof Results]: Promise<Results[Key]>;
  },
): Promise<Results> {
  const settled = await Promise.allSettled(work);
  for (const result of settled) if (result.status === 'rejected') throw result.reason;
  return settled.map((result) => (result as PromiseFulfilledResult<unknown>).value) as unknown as Results;
}
