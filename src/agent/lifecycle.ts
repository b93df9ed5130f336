import { ExitCode, errorMessage, SlipwayError } from '../errors.ts';
import type { Executor, PreparedProgram, ProgramExit, ProgramHandle } from '../executors/executor.ts';
import type { MlflowClient } from '../mlflow/index.ts';
import { lastReason, RunLogAppender } from '../runlog/index.ts';
import { isFinal } from '../runs/state.ts';
import { ExperimentPage } from './experiment-page.ts';
import { finishRun, tellResult } from './finish.ts';
import { programEnvironment } from './program-environment.ts';
import { registerRun } from './register.ts';
import type { RunContext } from './run-context.ts';
import { tagsOfImage } from './run-tags.ts';
import { StopRequested, type StopRequests } from './stop-requests.ts';
import { openStream } from './stream-run.ts';
import { tellFailure } from './tell-failure.ts';
import { openTracking } from './tracking.ts';

/** Characters of what a program says of its own failure: a tag on the server holds it. */
const longestReason = 2000;

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
  const endedEarlier = hasEnded(run);
  const { client, page } = await begin(run, executor, stop);
  const stream = openStream(run, client, page);
  if (!hasEnded(run)) {
    // Whatever goes wrong here goes up and ends this agent: the program runs on, and the next agent takes it over.
    await recordEnd(run, await followProgram(run, executor, run.record.handle as ProgramHandle, stop));
  }
  if (endedEarlier && client !== null && stream === null) await registerLate(run, client);
  await finishRun(run, executor, { client, page, stream: stream ?? openStream(run, client, page) });
}

function hasEnded(run: RunContext): boolean {
  return run.record.exitCode !== null || run.record.reason !== null;
}

/** The server a run reports to, and what people see there of its experiment; null where there is no server. */
interface Begun {
  client: MlflowClient | null;
  page: ExperimentPage | null;
}

/** Gets the run to a running program and a client of its server; what fails before the program runs fails the run. */
async function begin(run: RunContext, executor: Executor, stop: StopRequests): Promise<Begun> {
  const begun: Begun = { client: null, page: null };
  const open = async (signal: AbortSignal): Promise<void> => {
    begun.client = await openTracking(run, signal);
    begun.page = begun.client === null ? null : new ExperimentPage(run, begun.client);
  };
  try {
    // A wish to stop ends the waiting for a server only where no program depends on it.
    if (run.record.handle !== null || hasEnded(run)) await open(new AbortController().signal);
    else await beginProgram(run, executor, { begun, open }, stop);
  } catch (error) {
    if (run.record.handle !== null) throw error;
    await recordFailure(run, error, stop);
  }
  return begun;
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

/** How the server is opened, and what has come of it. */
interface Opening {
  readonly begun: Begun;
  readonly open: (signal: AbortSignal) => Promise<void>;
}

/** Everything up to the running program. */
async function beginProgram(run: RunContext, executor: Executor, opening: Opening, stop: StopRequests): Promise<void> {
  await run.update({ state: 'preparing' });
  const prepared = await prepareAndRegister(run, executor, opening, stop.signal);
  stop.signal.throwIfAborted();
  await run.update({ state: 'starting', image: prepared.image });
  logTags(run, tagsOfImage(run.plan, prepared.image));
  const handle = await startProgram(run, executor, prepared, stop.signal);
  await run.update({ handle, state: 'running' });
}

/**
 * The image, and the server with the run on it, at once: the first time each of them takes a minute. Where the server
 * refuses the run, nobody waits for an image; where the image fails, the server is told of a run that failed.
 */
async function prepareAndRegister(
  run: RunContext,
  executor: Executor,
  { begun, open }: Opening,
  signal: AbortSignal,
): Promise<PreparedProgram> {
  const refused = new AbortController();
  const register = async (): Promise<void> => {
    try {
      await open(signal);
      if (begun.client === null) return;
      await registerRun(run, begun.client, signal);
      begun.page?.refresh();
    } catch (error) {
      refused.abort(error);
      throw error;
    }
  };
  const [, prepared] = await together([
    register(),
    prepareProgram(run, executor, AbortSignal.any([signal, refused.signal])),
  ]);
  return prepared;
}

/** Tags travel by the run log like everything else that is known after the start: sent once, however often retried. */
function logTags(run: RunContext, tags: Readonly<Record<string, string>>): void {
  const log = RunLogAppender.open(run.paths.directory, 'agent');
  for (const [key, value] of Object.entries(tags)) log.tag(key, value);
  log.close();
}

function prepareProgram(run: RunContext, executor: Executor, signal: AbortSignal): Promise<PreparedProgram> {
  const title = run.plan.engine === 'docker' ? `image ${run.plan.image.reference}` : 'host';
  return run.journal.step(
    'prepare',
    title,
    (progress) =>
      executor.prepare(run.plan, {
        signal,
        onProgress: progress,
        onNotice: (text) => run.emit({ type: 'notice', text }),
        step: (id, title, work) => run.journal.step(id, title, work),
        onDetail: (text) => run.emit({ type: 'detail', text }),
      }),
    ({ reused, image }) => ({ reused, title: image === null ? title : `image ${image.name}` }),
  );
}

async function startProgram(
  run: RunContext,
  executor: Executor,
  prepared: PreparedProgram,
  signal: AbortSignal,
): Promise<ProgramHandle> {
  const context = {
    signal,
    onProgress: () => {},
    onNotice: (text: string) => run.emit({ type: 'notice', text }),
    onDetail: (text: string) => run.emit({ type: 'detail', text }),
  };
  const found = run.adopted ? await executor.find(run.plan) : null;
  if (found !== null) return found;
  const title = run.plan.engine === 'docker' ? 'container' : 'program';
  return run.journal.step('start', `${title} started`, () =>
    executor.start(
      { plan: run.plan, prepared, runDirectory: run.paths.directory, environment: programEnvironment(run) },
      context,
    ),
  );
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
  stop.listen((how) => {
    void run
      .update({ stopRequested: how, stopSignal: stop.signalName, state: 'stopping' })
      .catch((error: unknown) => run.emit({ type: 'warning', text: errorMessage(error) }))
      .then(() => stopProgram(how));
    if (how === 'polite') forceTimer = setTimeout(() => void stopProgram('force'), run.plan.stopGraceMs);
  });
  try {
    const output = executor.followOutput(handle, run.paths.directory, never);
    const [exit] = await together([executor.wait(handle, never), output]);
    return exit;
  } finally {
    // The program's end is decided: who asks now asks too late.
    stop.end();
    clearTimeout(forceTimer);
  }
}

async function recordEnd(run: RunContext, exit: ProgramExit): Promise<void> {
  await run.update({
    state: 'draining',
    exitCode: exit.exitCode,
    outOfMemory: exit.outOfMemory,
    endedAtMs: exit.finishedAtMs ?? Date.now(),
    reason: run.record.stopRequested !== null ? 'it was stopped on request' : await failureReason(run, exit),
  });
}

async function failureReason(run: RunContext, exit: ProgramExit): Promise<string | null> {
  if (exit.error !== null) return exit.error;
  if (exit.exitCode === 0) return null;
  if (exit.outOfMemory) {
    const limit = run.plan.limits.memoryMiB;
    return `the program was killed for want of memory${limit === null ? '' : ` (its limit is ${limit} MiB)`}`;
  }
  const said = await lastReason(run.paths.directory);
  const code = `the program exited with code ${exit.exitCode}`;
  return said === null ? code : `${code}: ${said.slice(0, longestReason)}`;
}

async function recordFailure(run: RunContext, error: unknown, stop: StopRequests): Promise<void> {
  const stopped = stop.how !== null && (error instanceof StopRequested || stop.signal.aborted);
  if (stopped) {
    await run.update({
      stopRequested: stop.how,
      stopSignal: stop.signalName,
      state: 'draining',
      endedAtMs: Date.now(),
      reason: 'it was stopped on request before the program started',
    });
    return;
  }
  const reason = tellFailure(run, error);
  await run.update({
    state: 'draining',
    endedAtMs: Date.now(),
    reason,
    failureExitCode: error instanceof SlipwayError ? error.exitCode : ExitCode.internal,
  });
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
