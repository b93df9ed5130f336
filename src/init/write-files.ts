import { link, mkdir, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CannotWriteError, errorCode, errorMessage, UsageError } from '../errors.ts';
import type { NewFile } from './project-files.ts';

/** What may lie in a folder that counts as empty. */
const passedOver = new Set(['.git']);
const shownEntries = 3;

/** True for a folder that is there and empty, false where there is none. Throws UsageError for everything else. */
export async function isEmptyFolder(directory: string): Promise<boolean> {
  let entries: string[];
  try {
    entries = (await readdir(directory)).filter((name) => !passedOver.has(name)).sort();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    if (errorCode(error) === 'ENOTDIR') throw new UsageError(`${directory} is there already, and is no folder.`);
    throw cannotWrite(directory, error);
  }
  if (entries.length === 0) return true;
  const more = entries.length > shownEntries ? ` and ${entries.length - shownEntries} more` : '';
  throw new UsageError(
    `The folder ${directory} is not empty, and nothing in it is overwritten: it holds ${entries.slice(0, shownEntries).join(', ')}${more}.`,
    { hint: 'Name a folder that is not there yet: `slipway init NAME`' },
  );
}

/**
 * Writes files into a folder that is empty or not there yet: all of them or none, and none over another.
 * Throws UsageError where the folder above is missing, CannotWriteError where nothing can be written.
 */
export async function writeFiles(directory: string, files: readonly NewFile[]): Promise<void> {
  const isThere = await isEmptyFolder(directory);
  const parent = dirname(directory);
  if (!isThere && !(await stat(parent).catch(() => null))?.isDirectory()) {
    throw new UsageError(`There is no folder ${parent} to make ${basename(directory)} in.`);
  }
  // Beside its place, or within a folder that is there: a rename or a link does not lead to another file system.
  const draft = join(isThere ? directory : parent, `.slipway-init-${process.pid}`);
  try {
    await mkdir(draft);
    for (const { name, content } of files) {
      await mkdir(dirname(join(draft, name)), { recursive: true });
      await writeFile(join(draft, name), content, { flag: 'wx' });
    }
    if (isThere) await linkAll(draft, directory, files);
    else await rename(draft, directory);
  } catch (error) {
    throw cannotWrite(directory, error);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** A link is refused where a file of its name has come into being meanwhile; a rename would replace it. */
async function linkAll(draft: string, directory: string, files: readonly NewFile[]): Promise<void> {
  const made: string[] = [];
  const folders: string[] = [];
  try {
    for (const { name } of files) {
      const folder = await mkdir(dirname(join(directory, name)), { recursive: true });
      if (folder !== undefined) folders.push(folder);
      await link(join(draft, name), join(directory, name));
      made.push(name);
    }
  } catch (error) {
    for (const name of made) await rm(join(directory, name), { force: true });
    // What somebody else has put into one of them stays.
    for (const folder of folders) await removeEmptyFolders(folder);
    throw error;
  }
}

/** Removes a folder and those in it, as far as they hold nothing. */
async function removeEmptyFolders(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeEmptyFolders(join(folder, entry.name));
  }
  await rmdir(folder).catch(() => {});
}

function cannotWrite(directory: string, cause: unknown): CannotWriteError {
  return new CannotWriteError(`A project cannot be made in ${directory}: ${errorMessage(cause)}.`, { cause });
}
