import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { ExitCode, errorMessage, UnavailableError } from '../errors.ts';
import { type Executor, type ProgramExit, ProgramGoneError, type ProgramHandle } from '../executors/executor.ts';
import { withoutStop } from '../util/as-sentence.ts';
import { longestTimerMs } from '../util/sleep.ts';
import { OutputAnnouncer } from './announce-output.ts';
import { type Failure, failureKindOf, failureOfExit, failureOfWaiting } from './failure-reason.ts';
import { addIncomplete } from './incomplete.ts';
import { measureProgram } from './measure-program.ts';
import { programOutput } from './program-output.ts';
import type { RunContext } from './run-context.ts';
import { type StopRequests, stopReason } from './stop-requests.ts';
import { watchFolder } from './watch-folder.ts';

/** How often an engine that answers nonsense is asked again before the program is given up, and the first wait. */
const engineAttempts = 5;
const engineRetryMs = 100;
/** Between two tries to stop a program whose engine does not take that. */
const stopRetryMs = 1000;
/** So long a folder may be in the midst of being removed. */
const removalMs = 500;

/** How a program ended, as far as it can be known. */
export interface ProgramEnd {
  /** Null where the engine could not tell. */
  readonly exit: ProgramExit | null;
  /** What Slipway itself ended or gave it up for; null where it ended by itself. */
  readonly failure: GivenUp | null;
}

/** Why Slipway ended a program, or gave it up. */
type GivenUp = Failure & {
  readonly failureExitCode: number;
  /** When, milliseconds since 1970. */
  readonly atMs: number;
};

/**
 * Watches the program to its end, keeps its output, and carries out what people ask. Where its folder or its output can
 * be kept no longer, it is stopped: what it did from then on would be lost. Never throws: whatever happens, a run has an
 * end that is told.
 */
export async function followProgram(
  run: RunContext,
  executor: Executor,
  handle: ProgramHandle,
  stop: StopRequests,
): Promise<ProgramEnd> {
  const over = new AbortController();
  const ending = new Ending(run, executor, handle);
  let failure: ProgramEnd['failure'] = null;
  const giveUp = (found: Failure): void => {
    if (failure !== null || over.signal.aborted) return;
    failure = { ...found, failureExitCode: ExitCode.cannotWrite, atMs: Date.now() };
    run.emit({ type: 'warning', text: `The run is ended: ${found.reason}.` });
    ending.begin('polite', run.plan.stopGraceMs);
  };
  stop.listen((how) => {
    // Written down first: an agent that takes over knows why the program ends.
    const written = run.settle({ ...stop.recorded, state: 'stopping' });
    void written.then(() => ending.begin(how, stop.graceMs ?? run.plan.stopGraceMs));
  });
  const output = patiently(over.signal, () => executor.followOutput(handle, programOutput(run), over.signal)).catch(
    async (error: unknown) => {
      if (over.signal.aborted || error instanceof ProgramGoneError) return;
      if (error instanceof UnavailableError) {
        await addIncomplete(run, `the end of its output is missing: ${withoutStop(errorMessage(error))}`);
        return;
      }
      const reason = await whyOutputIsLost(run, error);
      giveUp({ failure: failureKindOf(error, 'storage'), reason });
    },
  );
  const folder = watchFolder(run, over.signal).then(
    (reason) => giveUp({ failure: 'storage', reason }),
    () => undefined,
  );
  const stopMeasuring = measureProgram(run, executor, handle);
  const announcer = new OutputAnnouncer(run);
  announcer.start();
  try {
    const exit = await patiently(over.signal, () => executor.wait(handle, over.signal));
    // Its end is decided, though its output is still being kept: who asks now asks too late.
    stop.end();
    await output;
    return { exit, failure };
  } catch (error) {
    return { exit: null, failure: failure ?? { ...failureOfWaiting(error), atMs: Date.now() } };
  } finally {
    stopMeasuring();
    announcer.stop();
    stop.end();
    ending.over();
    over.abort(new Error('The program has ended.'));
    await Promise.all([output, folder]);
  }
}

/** A folder that is being removed loses its parts first: what becomes of all of it is seen a moment later. */
async function whyOutputIsLost({ paths }: RunContext, error: unknown): Promise<string> {
  if (!existsSync(paths.logs)) await delay(removalMs);
  return existsSync(paths.directory)
    ? `the program's output could not be kept: ${withoutStop(errorMessage(error))}`
    : `the run folder ${paths.directory} was removed`;
}

/** Writes down how the program ended. */
export async function recordEnd(run: RunContext, { exit, failure }: ProgramEnd): Promise<void> {
  const isStopped = run.record.stopRequested !== null;
  const ofExit = exit === null || isStopped ? null : await failureOfExit(run, exit);
  // A program that had failed before anything else did has its own reason: a full disk ends both.
  const isOwn = ofExit !== null && failure !== null && (exit?.finishedAtMs ?? Number.POSITIVE_INFINITY) < failure.atMs;
  const found = isOwn ? ofExit : (failure ?? ofExit);
  if (isOwn) await addIncomplete(run, failure.reason);
  await run.settle({
    state: 'draining',
    exitCode: exit?.exitCode ?? null,
    outOfMemory: exit?.outOfMemory ?? false,
    endedAtMs: endOf(run, exit),
    reason: isStopped ? stopReason(run.record) : (found?.reason ?? null),
    failure: isStopped ? null : (found?.failure ?? null),
    failureExitCode: isStopped || isOwn ? null : (failure?.failureExitCode ?? null),
  });
}

/** A clock that was set back must not make a run end before it began. */
function endOf(run: RunContext, exit: ProgramExit | null): number {
  const { createdAtMs, resumedAtMs } = run.plan;
  return Math.max(exit?.finishedAtMs ?? Date.now(), resumedAtMs ?? createdAtMs);
}

/** Ends a program politely and, after the grace, by force; however long its engine is away meanwhile. */
class Ending {
  readonly #run: RunContext;
  readonly #executor: Executor;
  readonly #handle: ProgramHandle;
  #how: 'polite' | 'force' | null = null;
  #graceMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(run: RunContext, executor: Executor, handle: ProgramHandle) {
    this.#run = run;
    this.#executor = executor;
    this.#handle = handle;
  }

  /** The same wish again gives it another time, and is no second signal to the program. */
  begin(how: 'polite' | 'force', graceMs: number): void {
    if (this.#isOver || this.#how === 'force') return;
    const isNew = this.#how !== how;
    this.#how = how;
    this.#graceMs = graceMs;
    this.#awaitGrace();
    if (isNew) void this.#stop(how);
  }

  over(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  #awaitGrace(): void {
    clearTimeout(this.#timer);
    if (this.#how !== 'polite' || this.#isOver) return;
    this.#timer = setTimeout(() => this.begin('force', 0), Math.min(this.#graceMs, longestTimerMs));
  }

  /** Tried until the program has heard it: an engine that is being restarted must not let a program go on for ever. */
  async #stop(how: 'polite' | 'force'): Promise<void> {
    let wasAway = false;
    for (let told = ''; !this.#isOver && this.#how === how; ) {
      try {
        await this.#executor.stop(this.#handle, how);
        // Its time begins when it has heard.
        if (wasAway) this.#awaitGrace();
        return;
      } catch (error) {
        const text = `The program could not be stopped, and is asked again: ${errorMessage(error)}`;
        if (text !== told) this.#run.emit({ type: 'warning', text });
        told = text;
        // An engine that is there and refuses a polite signal may take the other one: that comes after the grace.
        const isAway = error instanceof UnavailableError;
        if (isAway && this.#how === 'polite') clearTimeout(this.#timer);
        else if (wasAway) this.#awaitGrace();
        wasAway = isAway;
      }
      await delay(stopRetryMs);
    }
  }
}

/** Asks an engine again that failed in a way of its own: one bad answer is no end of a program. */
async function patiently<T>(signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      const isFinal =
        error instanceof ProgramGoneError ||
        error instanceof UnavailableError ||
        failureKindOf(error, 'engine') === 'storage';
      if (signal.aborted || isFinal || attempt >= engineAttempts) throw error;
      await delay(engineRetryMs * 3 ** (attempt - 1));
    }
  }
}
