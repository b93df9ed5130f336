import { existsSync } from 'node:fs';
import path from 'node:path';

const prefix = '/storage/';

/**
 * A path below the storage folder as people write it for every engine, `/storage/…`; every other one as it is.
 * On the host the launcher hands over where the file really lies, and the run is recorded as it was typed.
 */
export function asStoragePath(location: string, storageDirectory: string | null): string {
  if (storageDirectory === null) return location;
  const below = path.relative(storageDirectory, location);
  const isBelow = path.isAbsolute(location) && below !== '' && below !== '..' && !below.startsWith('../');
  return isBelow ? prefix + below : location;
}

/** Where the data of `/storage/…` lie: in the storage folder, wherever that is. Every other path is returned as it is. */
export function fromStoragePath(location: string, storageDirectory: string | null): string {
  if (storageDirectory === null || !location.startsWith(prefix)) return location;
  const inStorage = path.join(storageDirectory, location.slice(prefix.length));
  return existsSync(inStorage) || !existsSync(location) ? inStorage : location;
}
