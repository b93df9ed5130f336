import { execFile, spawn } from 'node:child_process';
import type { FileHandle } from 'node:fs/promises';
import { environment } from '../config.ts';
import { errorCode, SlipwayError, UnavailableError } from '../errors.ts';
import { withoutLogins } from './without-logins.ts';

/** How a git command ended. */
export interface GitOutput {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface GitOptions {
  /** Folder to run in. */
  readonly directory: string;
  readonly signal?: AbortSignal;
  /** Variables beside the process's own. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Enough for the status of some hundred thousand changed files. */
const maximumOutputBytes = 256 * 1024 * 1024;

/**
 * Runs git and returns whatever its exit code. One process of our own: loading simple-git alone takes four times
 * as long as both commands that every launch needs.
 * @throws UnavailableError where git is not installed.
 */
export async function git(gitArguments: readonly string[], options: GitOptions): Promise<GitOutput> {
  return await new Promise((resolve, reject) => {
    execFile(
      'git',
      gitArguments,
      { cwd: options.directory, env: gitEnvironment(options), signal: options.signal, maxBuffer: maximumOutputBytes },
      (error, stdout, stderr) => {
        if (error === null) resolve({ exitCode: 0, stdout, stderr });
        else if (typeof error.code === 'number') resolve({ exitCode: error.code, stdout, stderr });
        else if (options.signal?.aborted) reject(options.signal.reason);
        else reject(notStarted(error));
      },
    );
  });
}

/**
 * Runs git with its standard output going straight into a file.
 * @throws SlipwayError with git's own words where it fails.
 */
export async function gitToFile(
  gitArguments: readonly string[],
  output: FileHandle,
  options: GitOptions,
): Promise<void> {
  const child = spawn('git', gitArguments, {
    cwd: options.directory,
    env: gitEnvironment(options),
    signal: options.signal,
    stdio: ['ignore', output.fd, 'pipe'],
  });
  let stderr = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => reject(options.signal?.aborted ? options.signal.reason : notStarted(error)));
    child.once('close', resolve);
  });
  if (exitCode !== 0) throw gitError(gitArguments, stderr);
}

/** The failure of a command that should have worked. */
export function gitError(gitArguments: readonly string[], stderr: string): SlipwayError {
  const words = withoutLogins(stderr.trim()).replace(/\s*\n\s*/g, ' ') || 'it said nothing';
  return new SlipwayError(`git ${gitArguments.find((argument) => !argument.startsWith('-'))} failed: ${words}`, {
    hint: "Does `git status` work in the project's folder?",
  });
}

/** True for the error of a machine without git. */
export function isGitMissing(error: unknown): boolean {
  return error instanceof UnavailableError && errorCode(error.cause) === 'ENOENT';
}

function notStarted(error: Error): Error {
  if (errorCode(error) !== 'ENOENT') return error;
  return new UnavailableError('git is not installed, or not in the PATH.', {
    hint: 'Install it; on Debian and Ubuntu: `apt-get install git`',
    cause: error,
  });
}

/** Inside a git hook these variables point to another repository than the one of the working directory. */
function gitEnvironment(options: GitOptions): NodeJS.ProcessEnv {
  const {
    GIT_DIR: _directory,
    GIT_WORK_TREE: _workTree,
    GIT_INDEX_FILE: _index,
    GIT_PREFIX: _prefix,
    ...inherited
  } = environment();
  // A read-only command must not wait for, or take, the lock of a git at work beside it.
  return { ...inherited, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', ...options.variables };
}
