import { ExitCode, SlipwayError, UsageError } from '../errors.ts';
import { jsonText } from '../history/json-text.ts';
import { findOwnRun, type PlannedRun, type StopEnd, stopRun } from '../machine/index.ts';
import { currentUser } from '../util/current-user.ts';
import { longestTimerMs } from '../util/sleep.ts';
import { type MachineVerb, withMachine } from './machine-verb.ts';
import { calledRun, runNames } from './run-names.ts';

type Given = Readonly<Record<string, unknown>>;
type Environment = Readonly<Record<string, string | undefined>>;

/** Carries out `slipway stop`. Resolves with the exit code. */
export function stopAction(given: Given, environment: Environment, signal: AbortSignal): Promise<number> {
  return withMachine(given, environment, signal, async (machine) => {
    const graceMs = graceOf(given.timeout);
    // All are found before one is stopped: a slip stops nothing.
    const runs = new Map<string, PlannedRun>();
    for (const name of runNames(given)) {
      const run = await findOwnRun(machine.storages, name);
      runs.set(run.paths.directory, run);
    }
    const ends = await Promise.allSettled(
      [...runs.values()].map((run) =>
        stopRun(run, {
          how: given.force === true ? 'force' : 'polite',
          graceMs,
          by: `by ${currentUser().name} with slipway stop`,
          environment,
          signal,
          onNotice: machine.notice,
        }),
      ),
    );
    answer(
      ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : [])),
      machine,
    );
    const failures = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
    for (const failure of failures.slice(1)) {
      if (failure instanceof SlipwayError) machine.warn(failure.message);
    }
    if (signal.aborted)
      machine.notice('The waiting is over, and what was asked to stop goes on to its end: `slipway ps`');
    if (failures.length > 0) throw failures[0];
    return ExitCode.ok;
  });
}

function answer(ends: readonly StopEnd[], machine: MachineVerb): void {
  if (machine.isJson) machine.answer(jsonText(ends));
  else for (const end of ends) machine.answer(endText(end));
}

function endText(end: StopEnd): string {
  const { status, reason, exitCode, wasRunning, isSettled } = end;
  const why = reason === null ? '' : `: ${reason}`;
  const code = exitCode === null ? '' : `, exit code ${exitCode}`;
  const rest = isSettled ? '' : '; what it wrote is still being sent';
  const before = wasRunning ? '' : 'is over already, ';
  return `${calledRun(end)} ${before}${status}${why}${code}${rest}`;
}

function graceOf(seconds: unknown): number | null {
  if (seconds === undefined) return null;
  const value = Number(seconds);
  if (Number.isFinite(value) && value >= 0) return Math.min(Math.round(value * 1000), longestTimerMs);
  throw new UsageError('--timeout is not a number of seconds, 0 or more.', { hint: 'As in: `--timeout 60`' });
}
