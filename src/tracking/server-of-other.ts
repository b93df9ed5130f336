import { readFile, stat } from 'node:fs/promises';
import { errorCode, UnavailableError, UsageError } from '../errors.ts';
import { isContainerAlive } from './docker-server.ts';
import type { TrackingServer, TrackingServerOptions } from './types.ts';

/**
 * The recorded server where it is another user's and lives, whether it answers or not; else null. This user can neither end it nor see
 * its mark, and must not start a second one beside it on one database. Root can end all.
 */
export async function livingServerOfOther(
  record: TrackingServer | null,
  options: TrackingServerOptions,
): Promise<TrackingServer | null> {
  const uid = process.getuid?.() ?? 0;
  const owner = record?.owner ?? null;
  if (record === null || owner === null || owner.uid === uid || uid === 0) return null;
  const { kind, id } = record;
  const lives = await (kind === 'docker' ? isContainerAlive(id, options) : isServerProcess(id, owner.uid));
  return lives ? record : null;
}

/** The process's number may have been given to another program since. */
async function isServerProcess(id: string, uid: number): Promise<boolean> {
  try {
    const [{ uid: processUid }, words] = await Promise.all([
      stat(`/proc/${id}`),
      readFile(`/proc/${id}/cmdline`, 'utf8'),
    ]);
    return processUid === uid && words.split('\0').includes('mlflow');
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ESRCH') return false;
    throw error;
  }
}

/** Why another user's server that does not answer is not replaced. */
export function silentServerOfOther(server: TrackingServer, directory: string): UnavailableError {
  return new UnavailableError(
    `The tracking server of ${directory} is ${nameOf(server)}'s (${server.kind === 'docker' ? 'container' : 'process'} ${server.id.slice(0, 12)}), and it does not answer.`,
    {
      hint: `${nameOf(server)}, or root, ends it with \`slipway tracking down\`; the next launch then starts another.`,
    },
  );
}

/** Why another user's server is not stopped. */
export function serverOfOther(server: TrackingServer, directory: string): UsageError {
  return new UsageError(
    `The tracking server of ${directory} is ${nameOf(server)}'s: only they, or root, can stop it.`,
    { hint: `Others may be using it, too. It listens at ${server.uri}` },
  );
}

function nameOf({ owner }: TrackingServer): string {
  return owner?.name ?? 'another user';
}
