import { readdir, readFile, stat } from 'node:fs/promises';
import { uptime } from 'node:os';
import { errorCode } from '../errors.ts';
import { variablesOf } from '../util/variables-of.ts';

/** Names a process for good: its id alone is given to another one sooner or later. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it began, in the kernel's ticks since boot. */
  readonly startTicks: string;
  /** The kernel's id of this boot. */
  readonly bootId: string;
}

/** The identity of a living process, or null where there is none of this id. */
export async function identify(pid: number): Promise<ProcessIdentity | null> {
  const status = await livingStatus(pid);
  if (status === null) return null;
  const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
  return { pid, startTicks: status.startTicks, bootId: bootId.trim() };
}

/**
 * The living processes of a session whose leader may have gone: ended by force, it ends none of those it started.
 * @param startedAtMs When the session began: none of an earlier boot lives.
 */
export async function livingOfSession(session: number, startedAtMs: number): Promise<number[]> {
  if (startedAtMs < Date.now() - uptime() * 1000) return [];
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(async (pid) => ({ pid, status: await livingStatus(pid) })));
  return found.filter(({ status }) => status?.session === session).map(({ pid }) => pid);
}

/** What the kernel says of a process that lives; null of one that has ended, or is none. */
async function livingStatus(pid: number): Promise<{ readonly session: number; readonly startTicks: string } | null> {
  try {
    const status = await readFile(`/proc/${pid}/stat`, 'utf8');
    // Fields after the name, which stands in parentheses and may hold anything: state is the 3rd, the session the 6th, the
    // start the 22nd (proc_pid_stat(5)).
    const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
    const startTicks = fields[19];
    if (startTicks === undefined || fields[0] === 'Z' || fields[0] === 'X') return null;
    return { session: Number(fields[3]), startTicks };
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ESRCH') return null;
    throw error;
  }
}

export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  const now = await identify(identity.pid);
  return now !== null && now.startTicks === identity.startTicks && now.bootId === identity.bootId;
}

/** True for a living process whose command line holds the argument. */
export async function hasArgument(pid: number, argument: string): Promise<boolean> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').includes(argument);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ESRCH') return false;
    throw error;
  }
}

/** The variables that a process of this user was started with; null where it has ended. */
export async function readEnvironment(pid: number): Promise<Record<string, string> | null> {
  try {
    return variablesOf((await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0'));
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ESRCH') return null;
    throw error;
  }
}

/** A number kept in a file of one line, with the time it was written; null where there is no such file (yet). */
export async function readNumberFile(file: string): Promise<{ value: number; writtenAtMs: number } | null> {
  try {
    const text = await readFile(file, 'utf8');
    if (!text.endsWith('\n')) return null;
    return { value: Number.parseInt(text, 10), writtenAtMs: Math.round((await stat(file)).mtimeMs) };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}
