import { realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { errorCode, UsageError } from '../errors.ts';

/** Folder of a run folder that holds the run log, one file a writer. */
export function runLogEventsDirectory(runDirectory: string): string {
  return join(runDirectory, 'events');
}

/**
 * The real file or folder meant by the `path` of an event. Throws UsageError where it is missing or lies outside the
 * run folder, by `..` or through a symbolic link: a program in a container must not make the agent upload a file of
 * the host.
 */
export async function resolveInRunDirectory(runDirectory: string, path: string): Promise<string> {
  if (isAbsolute(path) || !isInside(resolve(runDirectory), resolve(runDirectory, path))) {
    throw new UsageError(`"${path}" is not below the run folder.`);
  }
  let real: string;
  try {
    real = await realpath(resolve(runDirectory, path));
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new UsageError(`"${path}" is not in the run folder.`, { cause: error });
    }
    throw error;
  }
  if (!isInside(await realpath(runDirectory), real)) {
    throw new UsageError(`"${path}" leads out of the run folder through a symbolic link.`);
  }
  return real;
}

function isInside(directory: string, path: string): boolean {
  const between = relative(directory, path);
  return between !== '..' && !between.startsWith(`..${sep}`) && !isAbsolute(between);
}
