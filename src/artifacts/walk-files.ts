import { readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { UsageError } from '../errors.ts';

/** The files below a folder as relative paths with `/`, sorted. A link to a file inside is followed; one that leads out is refused. */
export async function walkFiles(directory: string): Promise<string[]> {
  const root = await realpath(directory);
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files: string[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() || (entry.isSymbolicLink() && (await isFileInside(root, path)))) {
      files.push(relative(root, path).split(sep).join('/'));
    }
  }
  return files.sort();
}

async function isFileInside(root: string, link: string): Promise<boolean> {
  const target = await realpath(link);
  if (!target.startsWith(root + sep)) {
    throw new UsageError(`${link} is a link to ${target}, outside of the folder to be uploaded.`, {
      hint: 'Put a copy of the file there.',
    });
  }
  return (await stat(target)).isFile();
}
