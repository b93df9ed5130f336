import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { CannotWriteError, errorCode, errorMessage } from '../errors.ts';
import { type RunPaths, runPaths, runsDirectory } from './paths.ts';

/** Crockford's base 32: no i, l, o and u, so that an id can be read aloud. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

const runIdPattern = /^\d{8}-\d{6}-[0-9a-z]{4}$/;

/** True for text of the form `20261121-034512-k3f9`. */
export function isRunId(text: string): boolean {
  return runIdPattern.test(text);
}

/** A run id: UTC time to the second and four random characters. */
export function drawRunId(now: Date, random: Uint8Array = randomBytes(4)): string {
  const [date = '', time = ''] = now.toISOString().slice(0, 19).split('T');
  const tail = Array.from(random.subarray(0, 4), (byte) => alphabet.charAt(byte % 32)).join('');
  return `${date.replaceAll('-', '')}-${time.replaceAll(':', '')}-${tail}`;
}

/**
 * Draws a run id and makes its folder with all folders in it. The folder is made exclusively: an id that is taken is
 * drawn again. Throws CannotWriteError where the storage folder cannot be written.
 */
export async function createRunDirectory(
  storageDirectory: string,
  now: Date = new Date(),
): Promise<RunPaths & { readonly runId: string }> {
  try {
    await mkdir(runsDirectory(storageDirectory), { recursive: true });
    for (;;) {
      const runId = drawRunId(now);
      const paths = runPaths(storageDirectory, runId);
      if (!(await makeExclusively(paths.directory))) continue;
      await makeRunFolders(paths);
      return { runId, ...paths };
    }
  } catch (error) {
    throw new CannotWriteError(`Cannot make a run folder in ${storageDirectory}: ${errorMessage(error)}.`, {
      hint: 'Name a folder you may write with --storage or SLIPWAY_STORAGE.',
      cause: error,
    });
  }
}

/** Makes the folders inside a run folder; those that are there stay. */
export async function makeRunFolders(paths: RunPaths): Promise<void> {
  const { events, sync, inputs, outputs, artifacts, checkpoints, tensorboard, logs } = paths;
  for (const folder of [events, sync, inputs, outputs, artifacts, checkpoints, tensorboard, logs]) {
    await mkdir(folder, { recursive: true });
  }
}

async function makeExclusively(directory: string): Promise<boolean> {
  try {
    await mkdir(directory);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}
