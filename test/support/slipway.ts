import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { plainEnvironment } from './plain-environment.ts';

const root = resolve(import.meta.dirname, '../..');

export interface SlipwayOptions {
  readonly cwd?: string;
  /** Added to the environment; undefined removes a variable. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly uid?: number;
  /** Another installation's `bin/slipway`. */
  readonly program?: string;
}

export interface SlipwayEnd {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningSlipway {
  readonly child: ChildProcess;
  readonly ended: Promise<SlipwayEnd>;
  /** What has been written so far. */
  output(): { stdout: string; stderr: string };
  /** Resolves when the text stands in the output of either stream; rejects when the command ends without it. */
  until(text: string | RegExp): Promise<void>;
}

/** Starts the command line as a person would, from the built project. */
export function startSlipway(words: readonly string[], options: SlipwayOptions = {}): RunningSlipway {
  if (!existsSync(join(root, 'dist', 'src', 'cli.js'))) throw new Error('The project is not built: run `make build`.');
  // As the file starts itself: without the --, Node.js 20 takes --env-file for an option of its own.
  const child = spawn(process.execPath, ['--', options.program ?? join(root, 'bin', 'slipway'), ...words], {
    cwd: options.cwd,
    env: plainEnvironment(options.environment),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  let stdout = '';
  let stderr = '';
  const listeners = new Set<() => void>();
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk);
    for (const listener of listeners) listener();
  });
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
    for (const listener of listeners) listener();
  });
  const ended = new Promise<SlipwayEnd>((settle) => {
    child.on('close', (exitCode) => settle({ exitCode, stdout, stderr }));
  });
  return {
    child,
    ended,
    output: () => ({ stdout, stderr }),
    until: (text) =>
      new Promise((settle, reject) => {
        const look = (): void => {
          const all = stdout + stderr;
          if (typeof text === 'string' ? all.includes(text) : text.test(all)) {
            listeners.delete(look);
            settle();
          }
        };
        listeners.add(look);
        look();
        void ended.then(() => reject(new Error(`It ended without "${text}":\n${stdout}\n${stderr}`)));
      }),
  };
}

/** Runs the command line to its end. */
export function slipway(words: readonly string[], options: SlipwayOptions = {}): Promise<SlipwayEnd> {
  return startSlipway(words, options).ended;
}

/** The events of a `--json` run, one object a line of stdout. Throws where a line is none. */
export function jsonEvents(stdout: string): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
