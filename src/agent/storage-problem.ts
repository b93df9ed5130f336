import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, errorMessage } from '../errors.ts';
import { withoutStop } from '../util/as-sentence.ts';

/** More than what may be left in the last block of a file on a disk that is full. */
const probeBytes = 64 * 1024;

/**
 * What keeps a run's folder from being written, as a clause; null where it can be. It is tried: a disk that is full, or
 * that the kernel has made read-only, looks like any other.
 */
export async function storageProblem(directory: string): Promise<string | null> {
  const probe = join(directory, `.probe.${process.pid}.tmp`);
  try {
    const file = await open(probe, 'wx', 0o600);
    try {
      await file.writeFile(Buffer.alloc(probeBytes));
      await file.sync();
    } finally {
      await file.close();
    }
    return null;
  } catch (error) {
    const code = errorCode(error) ?? '';
    if (code === 'ENOENT' || code === 'ENOTDIR') return `the run folder ${directory} was removed`;
    if (code === 'ENOSPC' || code === 'EDQUOT') return `the disk of the run folder ${directory} is full`;
    if (code === 'EROFS') return `the file system of the run folder ${directory} has become read-only`;
    return `the run folder ${directory} cannot be written: ${withoutStop(errorMessage(error))}`;
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
  }
}
