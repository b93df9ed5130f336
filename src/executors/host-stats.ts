import { readFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { errorCode } from '../errors.ts';
import type { ProgramStats } from './executor.ts';
import { machineTraffic } from './machine-traffic.ts';

/** The kernel's clock ticks (USER_HZ), which are this long on every Linux that Node.js runs on. */
const ticksPerSecond = 100;
const bytesPerKiB = 1024;

/** What one process has used. */
interface ProcessUse {
  readonly cpuSeconds: number;
  /** Memory of its own. */
  readonly anonymousBytes: number;
  /** Memory it shares with others. */
  readonly sharedBytes: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
}

/** What the processes of a program use together, from `/proc`; null where none of them lives. */
export async function sessionStats(pids: readonly number[]): Promise<ProgramStats | null> {
  const found = await Promise.all(pids.map(processUse));
  const uses = found.filter((use) => use !== null);
  if (uses.length === 0) return null;
  const sum = (field: keyof ProcessUse): number => uses.reduce((total, use) => total + use[field], 0);
  return {
    cpuSeconds: sum('cpuSeconds'),
    cpus: availableParallelism(),
    // What they share is counted once: workers that read one buffer do not hold it several times.
    memoryBytes: sum('anonymousBytes') + Math.max(...uses.map(({ sharedBytes }) => sharedBytes)),
    memoryLimitBytes: totalmem(),
    network: await machineTraffic(),
    blockIo: { inBytes: sum('readBytes'), outBytes: sum('writtenBytes') },
  };
}

/** Null of a process that has ended, or that belongs to somebody else. */
async function processUse(pid: number): Promise<ProcessUse | null> {
  const read = (file: string): Promise<string> => readFile(`/proc/${pid}/${file}`, 'utf8');
  try {
    // A kernel may not count it, and that of a program with rights of its own cannot be read.
    const [stat, status, io] = await Promise.all([read('stat'), read('status'), read('io').catch(() => '')]);
    return parseProcess(stat, status, io);
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes(errorCode(error) ?? '')) return null;
    throw error;
  }
}

/**
 * Reads `/proc/PID/stat`, `status` and `io` (proc_pid_stat(5), proc_pid_status(5), proc_pid_io(5)). CPU time and bytes are those of
 * the process and of the children it has waited for, so that nothing is lost when a child ends.
 */
export function parseProcess(stat: string, status: string, io: string): ProcessUse {
  // Behind the name, which may hold anything: utime, stime, cutime and cstime are the fields 14 to 17, the state is the 3rd.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((total, field) => total + Number(field), 0);
  const kibibytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
  const bytes = (name: string): number => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(io)?.[1] ?? 0);
  return {
    cpuSeconds: ticks / ticksPerSecond,
    anonymousBytes: kibibytes('RssAnon') * bytesPerKiB,
    sharedBytes: kibibytes('RssShmem') * bytesPerKiB,
    readBytes: bytes('read_bytes'),
    writtenBytes: bytes('write_bytes'),
  };
}
