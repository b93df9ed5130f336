import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PrunableCache } from './prune-plan.ts';

/**
 * The folders of `<storage>/cache` whose entries are made again where they are missing, and how deep an entry lies: clones
 * of projects by repository and commit, features of a frozen base, tables that were read from elsewhere. What programs of
 * ours are run from (TensorFlow, the tracking server) is not among them.
 */
const folders = [
  { name: 'projects', depth: 2 },
  { name: 'features', depth: 1 },
  { name: 'data', depth: 1 },
] as const;

/** What lies in the cache of a storage, with the owner of each entry and when it was last read or written. */
export async function cacheEntries(storage: string, uid: number): Promise<PrunableCache[]> {
  const paths = await Promise.all(folders.map(({ name, depth }) => below([join(storage, 'cache', name)], depth)));
  const entries = await Promise.all(paths.flat().map((path) => describeEntry(path, uid)));
  return entries.filter((entry) => entry !== null);
}

async function below(directories: readonly string[], depth: number): Promise<string[]> {
  if (depth === 0) return [...directories];
  const children = await Promise.all(
    directories.map(async (directory) => {
      // A link could lead out of the storage.
      const isFolder = await lstat(directory).then(
        (status) => status.isDirectory(),
        () => false,
      );
      const names = isFolder ? await readdir(directory).catch(() => []) : [];
      return names.map((name) => join(directory, name));
    }),
  );
  return below(children.flat(), depth - 1);
}

async function describeEntry(path: string, uid: number): Promise<PrunableCache | null> {
  const status = await lstat(path).catch(() => null);
  if (status === null) return null;
  const names = status.isDirectory() ? await readdir(path).catch(() => []) : [];
  const inside = await Promise.all(names.map((name) => lstat(join(path, name)).catch(() => null)));
  const times = [status, ...inside].flatMap((each) => (each === null ? [] : [each.atimeMs, each.mtimeMs]));
  // Each look at a folder reads it: of one that holds something, what it holds tells when it was of use.
  const useful = inside.length > 0 ? times.slice(2) : times;
  return { path, lastUsedMs: Math.max(status.mtimeMs, ...useful), isOwn: status.uid === uid };
}
