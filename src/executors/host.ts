import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { environment } from '../config.ts';
import { errorCode, SlipwayError } from '../errors.ts';
import { outputStreams } from '../runs/output-log.ts';
import { runPaths, runPathsOf } from '../runs/paths.ts';
import type { RunPlan } from '../runs/plan.ts';
import { inheritedEnvironment } from '../util/inherited-environment.ts';
import { openForAppend } from '../util/open-file.ts';
import { sleep } from '../util/sleep.ts';
import { describeProcess } from './describe-program.ts';
import type {
  Executor,
  ExecutorContext,
  PreparedProgram,
  ProgramExit,
  ProgramHandle,
  ProgramOutput,
  ProgramStart,
  ProgramStats,
  ProgramStatus,
} from './executor.ts';
import { requireGpu } from './host-gpu.ts';
import {
  hasArgument,
  identify,
  isAlive,
  livingOfSession,
  type ProcessIdentity,
  readEnvironment,
  readNumberFile,
} from './host-process.ts';
import { sessionStats } from './host-stats.ts';
import { ensureHostTensorflow, needsTensorflow } from './host-tensorflow.ts';
import { programPackages } from './host-trainer.ts';
import { processVariables } from './host-variables.ts';
import { makeSecretsFolder, removeSecretsFolder } from './secrets-folder.ts';
import { shellCommand } from './shell-command.ts';
import { copySpools, removeSpools, spoolFile, spoolMode } from './spool-output.ts';

const pollMs = 100;
const startTimeoutMs = 10_000;

/**
 * Lives as long as the program, in a session of its own. It claims the attempt by making a file that must not exist,
 * outlives a polite stop, and writes down the exit code, so that whoever comes later knows how the program ended.
 */
const wrapper = `
set -C
echo $$ > "$2" || exit 75
trap : HUP INT TERM
/bin/sh -c "$1"
code=$?
echo "$code" > "$3.part"
sync "$3.part"
mv "$3.part" "$3"
exit "$code"
`;

interface HostHandle extends ProcessIdentity {
  readonly exitFile: string;
  readonly startedAtMs: number;
}

/** Runs programs as processes of this machine: no isolation, no limits. */
export class HostExecutor implements Executor {
  readonly name = 'host';

  async prepare(plan: RunPlan, context: ExecutorContext): Promise<PreparedProgram> {
    if (plan.gpus !== null) await requireGpu();
    const packages = programPackages(plan);
    if (!(await needsTensorflow(packages.projectDirectory))) return { image: null, reused: true };
    const make = (onProgress: ExecutorContext['onProgress']): Promise<boolean> =>
      ensureHostTensorflow({
        ...packages,
        cacheDirectory: join(plan.storage.directory, 'cache'),
        flavor: plan.image.flavor,
        signal: context.signal,
        onProgress,
      });
    const { step, onProgress } = context;
    const made = await (step === undefined ? make(onProgress) : step('prepare', 'TensorFlow on this machine', make));
    return { image: null, reused: !made };
  }

  async start(start: ProgramStart, context: ExecutorContext): Promise<ProgramHandle> {
    const { plan } = start;
    const found = await this.find(plan);
    if (found !== null) return found;
    context.signal.throwIfAborted();
    const { logs } = runPathsOf(start.runDirectory);
    const files = claimFiles(logs, plan.attempt);
    context.onDetail?.(describeProcess(plan.project.directory, plan.project.command, start.environment));
    const secrets = await makeSecretsFolder(start.runDirectory, plan.secretFiles);
    try {
      return await this.#startProcess(start, files, secrets);
    } catch (error) {
      // Nothing of a program that never began is left in the run folder.
      if ((await this.find(plan)) === null) {
        removeSpools(logs, plan.attempt);
        await removeSecretsFolder(start.runDirectory);
      }
      throw error;
    }
  }

  async #startProcess(
    start: ProgramStart,
    files: ClaimFiles,
    secrets: Readonly<Record<string, string>>,
  ): Promise<ProgramHandle> {
    const { plan } = start;
    const child = this.#spawn(start, files, secrets);
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) => reject(notStarted(plan, error)));
    });
    child.unref();
    const deadlineMs = performance.now() + startTimeoutMs;
    while (performance.now() < deadlineMs) {
      const handle = await this.find(plan);
      if (handle !== null) return handle;
      // Whoever asks to stop now asks a program that is there: it is stopped politely as soon as it has a handle.
      await sleep(pollMs / 10);
    }
    // It must not begin after its run has failed.
    if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
    throw new SlipwayError(`The program of run ${plan.runId} did not start: its process never claimed the run.`, {
      hint: 'Is this machine overloaded, or the disk of the run folder full?',
    });
  }

  #spawn(
    { plan, runDirectory, environment: given }: ProgramStart,
    files: ClaimFiles,
    secrets: Readonly<Record<string, string>>,
  ): ChildProcess {
    const paths = runPathsOf(runDirectory);
    const logs: number[] = [];
    try {
      for (const stream of outputStreams) {
        logs.push(openForAppend(spoolFile(paths.logs, plan.attempt, stream), spoolMode));
      }
      return spawn('/bin/sh', ['-c', wrapper, 'slipway', shellCommand(plan.project.command), files.pid, files.exit], {
        cwd: plan.project.directory,
        env: { ...inheritedEnvironment(environment()), ...processVariables(plan, runDirectory, given), ...secrets },
        detached: true,
        stdio: ['ignore', ...logs],
      });
    } finally {
      for (const log of logs) closeSync(log);
    }
  }

  async inspect(handle: ProgramHandle): Promise<ProgramStatus> {
    const { exitFile, startedAtMs, ...identity } = parseHandle(handle);
    // Asked before the file is read: a process that ends in between has written its code by then.
    const alive = await isAlive(identity);
    const exit = await readNumberFile(exitFile);
    if (exit !== null) {
      const { value: exitCode, writtenAtMs: finishedAtMs } = exit;
      return { state: 'exited', exit: { exitCode, outOfMemory: false, error: null, startedAtMs, finishedAtMs } };
    }
    if (alive) return { state: 'running' };
    // Killed together with the one that would have written the code: by force, or with the machine.
    return {
      state: 'exited',
      exit: { exitCode: 137, outOfMemory: false, error: null, startedAtMs, finishedAtMs: null },
    };
  }

  async wait(handle: ProgramHandle, signal: AbortSignal): Promise<ProgramExit> {
    for (;;) {
      const status = await this.inspect(handle);
      if (status.state === 'exited') return status.exit;
      await sleep(pollMs, { signal });
    }
  }

  /** The program writes to files of its own beside the logs, which no end of an agent keeps it from. */
  async followOutput(handle: ProgramHandle, output: ProgramOutput, signal: AbortSignal): Promise<void> {
    const hasEnded = async (): Promise<boolean> => (await this.inspect(handle)).state === 'exited';
    if (!(await copySpools({ output, signal, hasEnded }))) await this.wait(handle, signal);
  }

  async variables(handle: ProgramHandle): Promise<Readonly<Record<string, string>> | null> {
    const identity = parseHandle(handle);
    return (await isAlive(identity)) ? readEnvironment(identity.pid) : null;
  }

  async stats(handle: ProgramHandle): Promise<ProgramStats | null> {
    const { pid, startedAtMs } = parseHandle(handle);
    return sessionStats(await livingOfSession(pid, startedAtMs));
  }

  async leftovers(handle: ProgramHandle): Promise<readonly number[]> {
    const { pid, startedAtMs } = parseHandle(handle);
    return livingOfSession(pid, startedAtMs);
  }

  async stop(handle: ProgramHandle, how: 'polite' | 'force'): Promise<void> {
    const identity = parseHandle(handle);
    if (await isAlive(identity)) signalGroup(identity.pid, how === 'polite' ? 'SIGTERM' : 'SIGKILL');
  }

  /** There is nothing beside the run folder, and in it the links to the secrets and what the output was copied from. */
  async remove(handle: ProgramHandle): Promise<void> {
    const { exitFile } = parseHandle(handle);
    removeSpools(dirname(exitFile), attemptOf(exitFile));
    await removeSecretsFolder(dirname(dirname(exitFile)));
  }

  async find(plan: RunPlan): Promise<ProgramHandle | null> {
    const files = claimFiles(runPaths(plan.storage.directory, plan.runId).logs, plan.attempt);
    const claim = await readNumberFile(files.pid);
    if (claim === null) return null;
    const isOurs = await hasArgument(claim.value, files.exit);
    const living = isOurs ? await identify(claim.value) : null;
    const identity = living ?? { pid: claim.value, startTicks: '', bootId: '' };
    return { executor: 'host', ...identity, exitFile: files.exit, startedAtMs: Math.round(claim.writtenAtMs) };
  }
}

/** Signals all processes of a group; fine where it has none any more. */
function signalGroup(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(-pid, name);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

/** The files by which the program's process claims an attempt of a run and tells its end. */
interface ClaimFiles {
  readonly pid: string;
  readonly exit: string;
}

function claimFiles(logs: string, attempt: number): ClaimFiles {
  const name = attempt === 1 ? 'program' : `program-${attempt}`;
  return { pid: join(logs, `${name}.pid`), exit: join(logs, `${name}.exit`) };
}

/** The inverse of `claimFiles`. */
function attemptOf(exitFile: string): number {
  return Number(/^program-(\d+)\.exit$/.exec(basename(exitFile))?.[1] ?? 1);
}

function parseHandle(handle: ProgramHandle): HostHandle {
  const { pid, startTicks, bootId, exitFile, startedAtMs } = handle;
  if (
    typeof pid !== 'number' ||
    typeof startTicks !== 'string' ||
    typeof bootId !== 'string' ||
    typeof exitFile !== 'string' ||
    typeof startedAtMs !== 'number'
  ) {
    throw new SlipwayError('The handle of this run is not one of the host executor.');
  }
  return { pid, startTicks, bootId, exitFile, startedAtMs };
}

function notStarted(plan: RunPlan, error: Error): SlipwayError {
  return new SlipwayError(
    `The program of run ${plan.runId} could not be started in ${plan.project.directory}: ${error.message}.`,
    {
      hint: 'Does the folder still exist, and may this user enter it?',
      cause: error,
    },
  );
}
