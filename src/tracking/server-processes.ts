import { readdir, readFile } from 'node:fs/promises';
import { errorCode } from '../errors.ts';
import { sleep } from '../util/index.ts';

/** Names the storage in the environment of every process of its server. */
export const markVariable = 'SLIPWAY_TRACKING_SERVER';

/**
 * Process ids of a storage's server, its workers included. They are known by the mark in their environment, which a
 * process id that was given to another program since does not have.
 */
export async function findServerProcesses(key: string): Promise<number[]> {
  const mark = Buffer.from(`\0${markVariable}=${key}\0`);
  const candidates = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const marked = await Promise.all(candidates.map((id) => hasMark(id, mark)));
  return candidates.filter((_, index) => marked[index]).map(Number);
}

/** Ends a storage's server: politely, then by force. False where none ran. */
export async function endServerProcesses(key: string, politeMs = 10_000): Promise<boolean> {
  if (!signalAll(await findServerProcesses(key), 'SIGTERM')) return false;
  const deadlineMs = Date.now() + politeMs;
  while ((await findServerProcesses(key)).length > 0) {
    if (Date.now() > deadlineMs) signalAll(await findServerProcesses(key), 'SIGKILL');
    await sleep(50);
  }
  return true;
}

async function hasMark(processId: string, mark: Buffer): Promise<boolean> {
  try {
    const environment = await readFile(`/proc/${processId}/environ`);
    return Buffer.concat([Buffer.of(0), environment]).includes(mark);
  } catch (error) {
    // It has ended since, or it is somebody else's.
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') return false;
    throw error;
  }
}

function signalAll(processIds: readonly number[], signalName: NodeJS.Signals): boolean {
  let any = false;
  for (const processId of processIds) {
    try {
      process.kill(processId, signalName);
      any = true;
    } catch (error) {
      if (errorCode(error) !== 'ESRCH') throw error;
    }
  }
  return any;
}
