import { constants } from 'node:os';
import { CannotWriteError, ExitCode, errorCode, errorMessage, SlipwayError, UnavailableError } from '../errors.ts';
import { type ProgramExit, ProgramGoneError } from '../executors/executor.ts';
import { lastReason } from '../runlog/index.ts';
import type { FailureKind } from '../runs/index.ts';
import { withoutStop } from '../util/as-sentence.ts';
import { lastWords } from './last-words.ts';
import type { RunContext } from './run-context.ts';
import { storageProblem } from './storage-problem.ts';

/** Characters of what a program says of its own failure: a tag on the server holds it. */
const longestReason = 2000;

/** Above it an exit code names the signal that ended the program (`man bash`, EXIT STATUS). */
const signalBase = 128;

/** Why a run failed. */
export interface Failure {
  readonly failure: FailureKind;
  /** A sentence without its full stop. */
  readonly reason: string;
}

/**
 * Why a program failed that ended with this exit; null for success. Where its folder cannot be written, that comes first:
 * most programs end for it, and without a container their exit code is lost, which then looks like a SIGKILL.
 */
export async function failureOfExit(run: RunContext, exit: ProgramExit): Promise<Failure | null> {
  const own = await ownFailure(run, exit);
  if (own === null || own.failure === 'out-of-memory') return own;
  const problem = await storageProblem(run.paths.directory);
  if (problem === null) return own;
  const isLost = run.plan.engine === 'host' && exit.exitCode === signalBase + constants.signals.SIGKILL;
  const end = isLost ? 'how the program ended could not be written down' : own.reason;
  return { failure: 'storage', reason: `${problem}, and ${end}` };
}

async function ownFailure(run: RunContext, exit: ProgramExit): Promise<Failure | null> {
  if (exit.error !== null) return { failure: 'start', reason: exit.error };
  if (exit.exitCode === 0) return null;
  if (exit.outOfMemory) {
    const limit = run.plan.limits.memoryMiB;
    const limited = limit === null ? '' : ` (its limit is ${limit} MiB)`;
    return { failure: 'out-of-memory', reason: `the program was killed for want of memory${limited}` };
  }
  const { directory, logs } = run.paths;
  // What an earlier attempt said of its end is no reason for this one's.
  const told = await lastReason(directory, run.plan.logStarts);
  const signal = signalOf(exit.exitCode);
  if (signal !== null) {
    const how = outsideSignals.has(signal) ? 'was ended from outside by' : 'crashed with';
    const ended = `the program ${how} signal ${exit.exitCode - signalBase} (${signal})`;
    return { failure: 'signal', reason: withWords(ended, told) };
  }
  const said = told ?? lastWords(logs, run.record.outputStarts.stderr);
  return { failure: 'program', reason: withWords(`the program exited with code ${exit.exitCode}`, said) };
}

function withWords(what: string, said: string | null): string {
  return said === null ? what : `${what}: ${said.slice(0, longestReason)}`;
}

/** No program sends itself one of these by mistake. */
const outsideSignals: ReadonlySet<string> = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT']);

function signalOf(exitCode: number): string | null {
  const number = exitCode - signalBase;
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? null;
}

/** Codes of the system that say that a folder cannot be read or written any more. */
const storageCodes: ReadonlySet<string> = new Set([
  ...['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'ENOENT', 'EACCES', 'EPERM', 'ESTALE', 'EFBIG'],
]);

/** What kind of failure an error is; `otherwise` where the error itself does not tell. */
export function failureKindOf(error: unknown, otherwise: FailureKind): FailureKind {
  if (error instanceof ProgramGoneError) return 'removed';
  if (error instanceof CannotWriteError) return 'storage';
  if (error instanceof SlipwayError) return otherwise;
  return storageCodes.has(errorCode(error) ?? '') ? 'storage' : 'internal';
}

/** Why the end of a running program is not known. */
export function failureOfWaiting(error: unknown): Failure & { readonly failureExitCode: number } {
  const failure = failureKindOf(error, error instanceof UnavailableError ? 'engine' : 'internal');
  const failureExitCode = error instanceof SlipwayError ? error.exitCode : ExitCode.internal;
  return { failure, reason: withoutStop(errorMessage(error)), failureExitCode };
}
