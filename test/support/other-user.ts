import { spawn } from 'node:child_process';
import { chownSync, cpSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { plainEnvironment } from './plain-environment.ts';
import { skip } from './skip.ts';
import type { SlipwayEnd } from './slipway.ts';

const checkout = resolve(import.meta.dirname, '../..');

/** A user of this machine by numbers alone, with a home and copies of projects of their own. */
export interface OtherUser {
  readonly uid: number;
  readonly home: string;
  /** A copy of a project that is theirs: git reads no other. */
  own(projectDirectory: string): string;
  /** Runs the command line as this user. */
  slipway(words: readonly string[], options?: { readonly umask?: string; readonly cwd?: string }): Promise<SlipwayEnd>;
}

export interface OtherUserOptions {
  readonly uid: number;
  /** Groups besides that of the user's own number. */
  readonly groups: readonly number[];
  /** A folder that everybody may enter. */
  readonly below: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Makes a user's home. Skips the test where this process is not root, which alone may be somebody else. */
export function otherUser({ uid, groups, below, environment = {} }: OtherUserOptions): OtherUser {
  if (process.getuid?.() !== 0) skip('only root can be several users');
  const home = join(below, `home-${uid}`);
  mkdirSync(home);
  chownSync(home, uid, uid);
  return {
    uid,
    home,
    own(projectDirectory) {
      const copy = join(home, 'project');
      cpSync(projectDirectory, copy, { recursive: true });
      give(copy, uid);
      return copy;
    },
    slipway: (words, { umask = '022', cwd = home } = {}) =>
      new Promise((settle, reject) => {
        const who = ['--reuid', String(uid), '--regid', String(uid), '--groups', [uid, ...groups].join(',')];
        const shell = ['/bin/sh', '-c', 'umask "$0"; exec "$@"', umask];
        const program = [process.execPath, join(checkout, 'bin', 'slipway')];
        const child = spawn('setpriv', [...who, ...shell, ...program, ...words], {
          cwd,
          env: plainEnvironment({ HOME: home, XDG_STATE_HOME: undefined, XDG_CONFIG_HOME: undefined, ...environment }),
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        let [stdout, stderr] = ['', ''];
        child.stdout.on('data', (chunk) => {
          stdout += String(chunk);
        });
        child.stderr.on('data', (chunk) => {
          stderr += String(chunk);
        });
        child.on('error', reject);
        child.on('close', (exitCode) => settle({ exitCode, stdout, stderr }));
      }),
  };
}

function give(path: string, uid: number): void {
  chownSync(path, uid, uid);
  if (!lstatSync(path).isDirectory()) return;
  for (const name of readdirSync(path)) give(join(path, name), uid);
}
