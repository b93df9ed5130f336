import { spawn, spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { plainEnvironment } from './plain-environment.ts';
import { Screen } from './screen.ts';
import { skip } from './skip.ts';

const root = resolve(import.meta.dirname, '../..');

export interface TerminalOptions {
  readonly columns: number;
  /** When a text has been written, the terminal gets another width. */
  readonly resizes?: readonly (readonly [text: string, columns: number])[];
  /** When a text has been written, these keys are typed: `\u0003` is Ctrl-C; null closes it. */
  readonly typed?: readonly (readonly [text: string, keys: string | null])[];
  readonly cwd?: string;
  /** Added to the environment; undefined removes a variable. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export interface TerminalEnd {
  readonly exitCode: number | null;
  /** What stands on the terminal at the end, and above it. */
  readonly screen: Screen;
  /** Everything that was written to it. */
  readonly written: string;
}

/** Runs the command line to its end in a terminal, as a person would. Skips the test where there is no python3. */
export function slipwayInTerminal(words: readonly string[], options: TerminalOptions): Promise<TerminalEnd> {
  return inTerminal([process.execPath, join(root, 'bin', 'slipway'), ...words], options);
}

/** Runs any program to its end in a terminal. Skips the test where there is no python3. */
export async function inTerminal(program: readonly string[], options: TerminalOptions): Promise<TerminalEnd> {
  if (spawnSync('python3', ['--version']).status !== 0) skip('there is no python3 to make a terminal with');
  const { columns, resizes = [], typed = [], cwd } = options;
  const helper = join(import.meta.dirname, 'pty_run.py');
  const child = spawn('python3', [helper, String(columns), '200', JSON.stringify([...resizes, ...typed]), ...program], {
    cwd,
    env: plainEnvironment({ TERM: 'xterm-256color', LANG: 'C.UTF-8', LC_ALL: undefined, ...options.environment }),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((settle) => child.once('close', settle));
  const written = await text(child.stdout);
  const screen = new Screen(columns);
  const [first = '', ...later] = written.split('\0');
  screen.write(first);
  for (const part of later) {
    const end = part.indexOf('\n');
    screen.resize(Number(part.slice(0, end)));
    screen.write(part.slice(end + 1));
  }
  return { exitCode: await ended, screen, written };
}
