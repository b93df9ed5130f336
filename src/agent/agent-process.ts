import { readdir, readFile, readlink } from 'node:fs/promises';
import { errorCode } from '../errors.ts';
import { sleep } from '../util/sleep.ts';
import { agentLives, socketName } from './control-socket.ts';

const pollMs = 50;
const patienceMs = 5_000;

/**
 * Ends the run's agent by SIGKILL, whatever it is doing, and waits until its lock is free. The process is found by the
 * socket that it holds, never by a name. False where the lock is still held: the agent is another user's.
 */
export async function endAgent(runDirectory: string): Promise<boolean> {
  const deadlineMs = Date.now() + patienceMs;
  while (await agentLives(runDirectory)) {
    if (Date.now() > deadlineMs) return false;
    const pid = await agentProcess(runDirectory);
    if (pid !== null && pid !== process.pid) kill(pid);
    await sleep(pollMs);
  }
  return true;
}

/** The process that holds the run's lock, of those that this user may look at; null where there is none. */
async function agentProcess(runDirectory: string): Promise<number | null> {
  const inodes = socketInodes(await readFile('/proc/net/unix', 'utf8'), socketName(runDirectory));
  if (inodes.size === 0) return null;
  for (const name of await readdir('/proc')) {
    if (/^\d+$/.test(name) && (await holdsSocket(Number(name), inodes))) return Number(name);
  }
  return null;
}

/** A socket that listens carries this flag in `/proc/net/unix` (proc_net(5), `__SO_ACCEPTCON`). */
const listening = '00010000';

/** The inodes of the sockets that listen by this name; an abstract one is written with `@` for each of its NUL bytes. */
export function socketInodes(table: string, name: string): Set<string> {
  const written = name.replaceAll('\0', '@');
  return new Set(
    table.split('\n').flatMap((line) => {
      const [, , , flags, , , inode, path] = line.trim().split(/\s+/);
      const isMeant = flags === listening && path?.replace(/@+$/, '') === written;
      return isMeant && inode !== undefined ? [inode] : [];
    }),
  );
}

async function holdsSocket(pid: number, inodes: ReadonlySet<string>): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const target = await readlink(`${folder}/${name}`).catch(() => '');
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode !== undefined && inodes.has(inode)) return true;
  }
  return false;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (errorCode(error) !== 'ESRCH' && errorCode(error) !== 'EPERM') throw error;
  }
}
