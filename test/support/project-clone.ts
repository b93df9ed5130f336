import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { plainEnvironment } from './plain-environment.ts';
import { skip } from './skip.ts';
import type { SlipwayEnd } from './slipway.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const checkout = resolve(import.meta.dirname, '../..');

/** This project as a newcomer has it: a fresh clone of the checked-out commit, and a home folder with nothing in it. */
export interface ProjectClone extends AsyncDisposable {
  readonly path: string;
  readonly commit: string;
  /** Null where the checkout is on none. */
  readonly branch: string | null;
  /** Runs make in the clone: `make(['run', 'RUN_NAME=first'], {…})`. */
  make(words: readonly string[], environment?: Readonly<Record<string, string>>): Promise<SlipwayEnd>;
}

/** Clones what is committed; what is only in the working tree stays behind. Skips the test outside of a git clone. */
export async function cloneProject(): Promise<ProjectClone> {
  if (!existsSync(join(checkout, '.git'))) skip(`${checkout} is no git clone, so that it cannot be cloned`);
  const folder = await temporaryDirectory('slipway-clone-');
  const [path, home] = [folder.join('slipway'), folder.join('home')];
  execFileSync('git', ['clone', '--quiet', checkout, path], { stdio: ['ignore', 'ignore', 'pipe'] });
  mkdirSync(home);
  // Where packages come from on this machine is no habit of the person but a property of its network.
  const npmSettings = join(homedir(), '.npmrc');
  if (existsSync(npmSettings)) copyFileSync(npmSettings, join(home, '.npmrc'));
  const git = (...words: string[]): string => execFileSync('git', words, { cwd: path, encoding: 'utf8' }).trim();
  return {
    path,
    commit: git('rev-parse', 'HEAD'),
    branch: git('branch', '--show-current') || null,
    make: (words, environment = {}) =>
      runToEnd('make', words, path, {
        HOME: home,
        XDG_CACHE_HOME: undefined,
        npm_config_cache: process.env.npm_config_cache || join(homedir(), '.npm'),
        ...environment,
      }),
    [Symbol.asyncDispose]: () => folder.remove(),
  };
}

function runToEnd(
  command: string,
  words: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<SlipwayEnd> {
  return new Promise((settle, reject) => {
    const stdio = ['ignore', 'pipe', 'pipe'] as const;
    const child = spawn(command, words, { cwd, env: plainEnvironment(environment), stdio: [...stdio] });
    let [stdout, stderr] = ['', ''];
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (exitCode) => settle({ exitCode, stdout, stderr }));
  });
}
