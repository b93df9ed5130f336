import { SlipwayError } from '../errors.ts';
import type { Executor, ProgramHandle } from '../executors/executor.ts';
import { lastStep, listWritersSync, RunLogAppender } from '../runlog/index.ts';
import { keepState, planOfAttempt } from '../runs/index.ts';
import { beginOutput } from './begin-output.ts';
import { recordEnd } from './follow-program.ts';
import { programOutput } from './program-output.ts';
import { freshRecord, type RunContext } from './run-context.ts';
import { statusOf } from './summary.ts';

const finalStates = { FINISHED: 'finished', FAILED: 'failed', KILLED: 'killed' } as const;

/**
 * Where the plan is of a later attempt than the record: settles the attempt before, keeps how it ended, and begins the
 * new one, which goes on in the same run on the server and in the same logs. Repeatable at any point.
 */
export async function beginAttempt(run: RunContext, executor: Executor): Promise<void> {
  const { plan, paths } = run;
  if (run.record.attempt < plan.attempt) {
    await settle(run, executor);
    await keepState(paths.directory, run.record);
    // A line that was torn by a kill spoils no line of the next program.
    for (const writer of listWritersSync(paths.events)) RunLogAppender.open(paths.directory, writer).close();
    const { trackingUri, experimentId, registering, mlflowRunId, artifactUri, runUrl, image, noteDigests } = run.record;
    const { namedServer } = run.record;
    const { version: _, ...record } = freshRecord;
    await run.update({
      ...record,
      attempt: plan.attempt,
      ...{ trackingUri, experimentId, registering, mlflowRunId, artifactUri, runUrl, image, noteDigests, namedServer },
      outputStarts: { stdout: beginOutput(run, 'stdout'), stderr: beginOutput(run, 'stderr') },
    });
    const step = await lastStep(paths.directory);
    const reached = step === null ? '' : `, recorded up to step ${step}`;
    run.emit({ type: 'notice', text: `Resumes ${plan.runName} (${plan.runId}): attempt ${plan.attempt}${reached}.` });
  }
}

/**
 * An attempt whose agent died with its program, or with the machine, is given its end, as an agent that takes over would
 * give it; what is left of its program goes.
 */
async function settle(run: RunContext, executor: Executor): Promise<void> {
  const { record, paths } = run;
  const earlier = await planOfAttempt(paths.directory, record.attempt);
  // Nothing can have been started before there was an image.
  const mayHaveStarted = record.handle !== null || record.image !== null || earlier.engine === 'host';
  const handle = (record.handle as ProgramHandle | null) ?? (mayHaveStarted ? await executor.find(earlier) : null);
  if (!run.hasEnded) {
    const status = handle === null ? null : await executor.inspect(handle);
    if (status?.state === 'running') {
      throw new SlipwayError(`The program of the attempt before still runs: run ${earlier.runId} cannot be resumed.`, {
        hint: `\`slipway attach ${earlier.runId}\``,
      });
    }
    if (handle !== null && status?.state === 'exited') {
      await executor.followOutput(handle, programOutput(run), new AbortController().signal);
      await recordEnd(run, { exit: status.exit, failure: null });
    } else {
      const reason = status === null ? 'it was interrupted before its program started' : 'its program is gone';
      await run.update({ endedAtMs: Date.now(), reason });
    }
  }
  const left = handle ?? (mayHaveStarted ? await executor.find(earlier, { withUnstarted: true }) : null);
  if (left !== null) await executor.remove(left);
  await run.update({ state: finalStates[statusOf(run)] });
}
