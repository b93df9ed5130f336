import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CannotWriteError, ExitCode, errorMessage } from '../errors.ts';
import type { Executor, ProgramHandle } from '../executors/executor.ts';
import { RunLogAppender } from '../runlog/index.ts';
import { isFinal } from '../runs/state.ts';
import { withoutStop } from '../util/as-sentence.ts';
import { longestTimerMs, waitAtMost } from '../util/sleep.ts';
import { OutputAnnouncer } from './announce-output.ts';
import { deliver } from './deliver.ts';
import { addIncomplete } from './incomplete.ts';
import type { RunContext } from './run-context.ts';
import type { ServerLink } from './server-link.ts';
import { statusOf, summarize } from './summary.ts';

/** What the agent itself adds to the run's artifacts beside the output, where it is there and not empty. */
const keptFiles = [
  { path: 'inputs/changes.patch', to: 'source' },
  { path: 'inputs/config.yaml', to: 'source' },
] as const;

/** An engine removes a container at once; one that does not must not keep the end from being told. */
const tidyPatienceMs = 5_000;

/**
 * Keeps the output, waits until everything is on the server, sets the one final status, tidies up, and tells the
 * result. Where the server does not take it within the drain timeout the result is told with `drained: false`, and
 * the agent goes on until it does.
 */
export async function finishRun(run: RunContext, executor: Executor, link: ServerLink | null): Promise<void> {
  // One that ended before is brought to a server: all that there was to keep and to remove is done.
  const isOver = isFinal(run.record.state);
  if (run.record.state !== 'draining') await run.settle({ state: 'draining' });
  if (!isOver) await keepFiles(run);
  // Exit code and output are in the run folder by now: nothing is lost with the container.
  const tidied = isOver ? null : tidyUp(run, executor);
  if (link?.isOnServer === true) {
    const impatient = setTimeout(() => void tellResult(run), Math.min(run.plan.drainTimeoutMs, longestTimerMs));
    try {
      await deliver(run, link);
    } finally {
      clearTimeout(impatient);
    }
  }
  // Of a run that is over no agent looks after what is left: one that is killed from here on leaves nothing.
  if (tidied !== null) await waitAtMost(tidied, tidyPatienceMs);
  await close(run);
  await tidied;
}

/** Where the run log cannot take it, the run has not left everything it should have. */
async function keepFiles(run: RunContext): Promise<void> {
  try {
    // A folder that is gone must not be made again for this.
    if (!existsSync(run.paths.events)) throw new CannotWriteError('the run folder was removed');
    await new OutputAnnouncer(run).announce();
    const log = RunLogAppender.open(run.paths.directory, 'agent');
    for (const { path, to } of keptFiles) {
      const file = join(run.paths.directory, path);
      if (existsSync(file) && statSync(file).size > 0) log.artifact(path, to);
    }
    log.close();
  } catch (error) {
    const text = `its output, and what it wrote last, may be missing: ${withoutStop(errorMessage(error))}`;
    await addIncomplete(run, text);
    run.emit({ type: 'warning', text: `The run is incomplete: ${text}.` });
  }
}

async function tidyUp(run: RunContext, executor: Executor): Promise<void> {
  // Nothing can have been started before the program was prepared.
  if (run.record.handle === null && run.record.image === null && run.plan.engine !== 'host') return;
  // Where the end could not be written down, the engine alone knows it: a later agent asks it.
  if (run.writeProblem !== null && existsSync(run.paths.plan)) return;
  try {
    const handle =
      (run.record.handle as ProgramHandle | null) ?? (await executor.find(run.plan, { withUnstarted: true }));
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
  await run.settle({ state: states[statusOf(run)] });
  // A state that never came to the disk is no end that anybody can look up.
  if (run.writeProblem !== null && statusOf(run) === 'FINISHED') {
    await run.settle({
      state: 'failed',
      failure: 'storage',
      reason: run.writeProblem,
      failureExitCode: ExitCode.cannotWrite,
    });
  }
  run.close();
  await tellResult(run);
}

/** Tells the result to everyone who watches. */
export async function tellResult(run: RunContext): Promise<void> {
  run.emit({ type: 'result', result: await summarize(run) });
}
