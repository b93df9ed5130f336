import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { type ImageFile, openImageArchive } from '../image-files.ts';

/** Finds images by the paths that a table has for them. */
export interface ImageFinder {
  /** Null where there is no such file. */
  find(name: string): Promise<ImageFile | null>;
  close(): Promise<void>;
}

/** Images below a folder, or in a zip. A folder is not listed: it may hold much besides. */
export async function openImageFinder(root: string): Promise<ImageFinder> {
  if ((await stat(root).catch(() => null))?.isDirectory()) {
    return {
      find: async (name) => {
        const file = path.resolve(root, name);
        const found = await stat(file).catch(() => null);
        return found?.isFile() ? { name, read: () => readFile(file) } : null;
      },
      close: async () => {},
    };
  }
  const archive = await openImageArchive(root);
  const files = new Map(archive.files.map((file) => [file.name, file]));
  return { find: async (name) => files.get(name) ?? null, close: () => archive.close() };
}
