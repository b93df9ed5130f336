import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { CannotWriteError, errorCode, errorMessage } from '../errors.ts';

// A program in a container may put anything into its run folder. A link is not followed out of it, and opening a
// pipe must not wait for whoever holds its other end.
const careful = constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** What the kernel answers for a link, a device or socket, a folder, and a folder on the way that is none. */
const otherKinds = new Set(['ELOOP', 'ENXIO', 'EISDIR', 'ENOTDIR']);

/**
 * Opens a regular file for append (and reading), making it where it is missing. Neither the file nor its folder may be
 * a link. Answers the descriptor, which is the caller's to close; throws CannotWriteError.
 * @param mode Permissions of a file that is made.
 */
export function openForAppend(path: string, mode = 0o666): number {
  let descriptor: number | null;
  try {
    descriptor = openInFolder(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, mode);
  } catch (error) {
    throw new CannotWriteError(`Cannot write ${path}: ${errorMessage(error)}.`, { cause: error });
  }
  if (descriptor !== null) return descriptor;
  throw new CannotWriteError(`Cannot write ${path}: it is not a regular file in a folder of its own.`, {
    hint: 'The program may have put something else there: remove it.',
  });
}

/** Opens a regular file that others write. Null where there is none, or a link, a pipe or a folder in its place. */
export function openForReading(path: string): number | null {
  try {
    return openRegular(path, constants.O_RDONLY);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** By way of the folder's own descriptor: it cannot become a link between the look and the opening. */
function openInFolder(path: string, flags: number, mode: number): number | null {
  const folder = openOrNull(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY | careful);
  if (folder === null) return null;
  try {
    // Only Linux has a name for it; runs have agents on Linux alone, programs may append elsewhere.
    const here = process.platform === 'linux' ? `/proc/self/fd/${folder}` : dirname(path);
    return openRegular(`${here}/${basename(path)}`, flags, mode);
  } finally {
    closeSync(folder);
  }
}

function openRegular(path: string, flags: number, mode?: number): number | null {
  const descriptor = openOrNull(path, flags | careful, mode);
  if (descriptor === null || fstatSync(descriptor).isFile()) return descriptor;
  closeSync(descriptor);
  return null;
}

function openOrNull(path: string, flags: number, mode?: number): number | null {
  try {
    return openSync(path, flags, mode);
  } catch (error) {
    if (otherKinds.has(errorCode(error) ?? '')) return null;
    throw error;
  }
}
