import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { UsageError } from '../../../src/errors.ts';
import { type ImageFile, openImageArchive } from '../image-files.ts';
import { shown } from './cell-text.ts';

/** Finds images by the paths that a table has for them. */
export interface ImageFinder {
  /** The image that a row names. Throws UsageError where it names none, and where there is no such file. */
  find(name: string, row: string): Promise<ImageFile>;
  close(): Promise<void>;
}

/** Images below a folder, or in a zip. A folder is not listed: it may hold much besides. */
export async function openImageFinder(root: string): Promise<ImageFinder> {
  if ((await stat(root).catch(() => null))?.isDirectory()) {
    return {
      find: async (name, row) => {
        const file = path.resolve(root, name);
        const found = await stat(file).catch(() => null);
        if (!found?.isFile()) throw notFound(name, row, root);
        return { name, read: () => readFile(file) };
      },
      close: async () => {},
    };
  }
  const archive = await openImageArchive(root);
  const files = new Map(archive.files.map((file) => [file.name, file]));
  return {
    find: async (name, row) => {
      const file = files.get(name);
      if (file === undefined) throw notFound(name, row, root);
      return file;
    },
    close: () => archive.close(),
  };
}

/** The error of a row without an image. */
export function notFound(name: string, row: string, root: string): UsageError {
  if (name === '') return new UsageError(`${row.replace(/^row/, 'Row')} names no image.`);
  return new UsageError(`The image ${shown(name)} of ${row} is not there: it is not in ${path.resolve(root)}.`);
}
