import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { errorCode } from '../errors.ts';

/** How a program ended and what it wrote. */
export interface ProgramEnd {
  /** Null where it was killed by a signal. */
  readonly exitCode: number | null;
  readonly signalName: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly directory?: string;
  readonly signal: AbortSignal;
  /** Called with all that stands in stdout so far, whenever there is more. */
  readonly onStdout?: (text: string) => void;
  /** Called once the program has ended, which may be long after it was given up, or never. */
  readonly onGone?: () => void;
}

const mostBytes = 1024 * 1024;

/**
 * Runs a program to its end. Rejects with the system's error where it cannot be started (`isNotInstalled` tells whether
 * there is no such program), and with the signal's reason as soon as that is aborted: the program is killed and left behind, since
 * one that hangs inside the kernel (a dead file server, a broken GPU) cannot be waited for.
 */
export async function runProgram(
  command: string,
  words: readonly string[],
  { environment, directory, signal, onStdout, onGone }: ProgramOptions,
): Promise<ProgramEnd> {
  signal.throwIfAborted();
  const child = spawn(command, words, {
    cwd: directory,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that what it started is killed with it.
    detached: true,
  });
  // One that could not be started has no end.
  if (onGone !== undefined) child.once('exit', onGone).once('error', onGone);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (stdout.length < mostBytes) stdout += text;
    onStdout?.(stdout);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (stderr.length < mostBytes) stderr += text;
  });
  const abandon = (): void => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      process.kill(-child.pid, 'SIGKILL');
    }
    child.stdout.destroy();
    child.stderr.destroy();
    child.unref();
  };
  signal.addEventListener('abort', abandon, { once: true });
  try {
    const [exitCode, signalName] = (await once(child, 'close', { signal })) as [number | null, NodeJS.Signals | null];
    return { exitCode, signalName, stdout, stderr };
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', abandon);
  }
}

/**
 * True where a program could not be started because there is none. A folder of the PATH that this user may not enter
 * makes the system say EACCES for what is nowhere.
 */
export function isNotInstalled(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOENT' || code === 'EACCES';
}

/** The last line with something on it. */
export function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)?.trim() ?? '';
}
