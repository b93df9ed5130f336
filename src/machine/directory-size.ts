import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes of one block in the file system's own count, whatever its real ones are (stat(2)). */
const blockBytes = 512;

/** Bytes that a file, or a folder with all below it, takes on its disk; what cannot be looked at counts as nothing. */
export async function diskBytes(path: string): Promise<number> {
  const status = await lstat(path).catch(() => null);
  if (status === null) return 0;
  let bytes = status.blocks * blockBytes;
  if (!status.isDirectory()) return bytes;
  for (const name of await readdir(path).catch(() => [])) bytes += await diskBytes(join(path, name));
  return bytes;
}
