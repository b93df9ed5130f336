import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Processes of this machine whose command line or environment holds a text, less this one. */
export function processesWith(text: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return pids.filter((pid) => holds(`/proc/${pid}/cmdline`, text) || holds(`/proc/${pid}/environ`, text)).map(Number);
}

function holds(file: string, text: string): boolean {
  try {
    return readFileSync(file, 'latin1').includes(text);
  } catch {
    // It has ended meanwhile.
    return false;
  }
}

/** Ids of the containers of a run, ended ones included. */
export function containersOf(runId: string, dockerHost: string | undefined): string[] {
  const words = ['ps', '--all', '--quiet', '--filter', `label=slipway.run=${runId}`];
  return docker(words, dockerHost).split('\n').filter(Boolean);
}

export function docker(words: readonly string[], dockerHost?: string): string {
  const where = dockerHost === undefined ? [] : ['--host', dockerHost];
  return execFileSync('docker', [...where, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

/** Whether a run's lock is held: a socket of the kernel's abstract namespace. */
export function isLocked(runDirectory: string): boolean {
  const name = createHash('sha256').update(runDirectory).digest('hex').slice(0, 32);
  return readFileSync('/proc/net/unix', 'utf8').includes(`@slipway-run-${name}`);
}

/** Names that only something unfinished has. */
const temporary = /\.part(ial)?$|\.part-|\.tmp$|(^|\/)spool(\/|$)|\.spool$/;

/** Files of a folder that something unfinished has left. */
export function temporaryFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return all.filter((path) => temporary.test(path));
}

/** The processes that were started in a folder or work on it, in words. */
export function livingProcesses(folder: string): string[] {
  const pids = processesWith(folder);
  return pids.length === 0 ? [] : [`processes live on: ${pids.map(describe).join(', ')}`];
}

/** What a run has left on the machine, in words. */
export function leftovers(runDirectory: string, dockerHost: string | undefined, hasEngine: boolean): string[] {
  const runId = basename(runDirectory);
  const found: string[] = [];
  const containers = hasEngine ? containersOf(runId, dockerHost) : [];
  if (containers.length > 0) found.push(`containers of the run are left: ${containers.join(', ')}`);
  if (isLocked(runDirectory)) found.push("the run's lock is held");
  return found;
}

function describe(pid: number): string {
  try {
    return `${pid} ${readFileSync(join('/proc', String(pid), 'cmdline'), 'utf8')
      .replaceAll('\0', ' ')
      .trim()}`;
  } catch {
    return String(pid);
  }
}
