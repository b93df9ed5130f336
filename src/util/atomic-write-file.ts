import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Writes a file so that a reader, or a machine that loses power, sees the old content or the new, never a part.
 * The temporary file lies beside the target: a rename is atomic only within one file system.
 */
export async function atomicWriteFile(
  path: string,
  content: string | Uint8Array,
  options: { readonly mode?: number } = {},
): Promise<void> {
  const directory = dirname(path);
  const temporary = join(directory, `.${basename(path)}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx', options.mode ?? 0o644);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(directory);
}

const unfinished = /^\.(.+)\.\d+\.[0-9a-f]{8}\.tmp$/;

/**
 * Removes what processes that were killed had begun to write to files of this folder: to all, or to the one of this name.
 * Only for whoever is alone in writing them. What cannot be removed, or looked for, stays.
 */
export async function removeUnfinishedWrites(directory: string, only?: string): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  for (const name of names) {
    const target = unfinished.exec(name)?.[1];
    if (target === undefined || (only !== undefined && target !== only)) continue;
    await rm(join(directory, name), { force: true }).catch(() => undefined);
  }
}

/** Makes a rename or a new file in the folder survive a loss of power. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
