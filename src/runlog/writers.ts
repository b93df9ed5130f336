import { type Dirent, readdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { errorCode, UsageError } from '../errors.ts';

const writerPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/;
const extension = '.ndjson';

/** `<writer>.ndjson`. Throws UsageError for a name that is no plain file name. */
export function writerFileName(writer: string): string {
  if (!writerPattern.test(writer)) {
    throw new UsageError(`"${writer}" cannot name a writer of the run log: use letters, digits, "_", "-" and ".".`);
  }
  return writer + extension;
}

/**
 * The writers of a run log, by their regular files in the folder `events`; none where the folder is not there yet.
 * Told of what is named like a writer's file and is none: a link, a pipe, a folder.
 */
export async function listWriters(
  eventsDirectory: string,
  onOther: (fileName: string) => void = () => {},
): Promise<string[]> {
  try {
    return writersAmong(await readdir(eventsDirectory, { withFileTypes: true }), onOther);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** As `listWriters`, at once. */
export function listWritersSync(eventsDirectory: string): string[] {
  try {
    return writersAmong(readdirSync(eventsDirectory, { withFileTypes: true }), () => {});
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function writersAmong(entries: readonly Dirent[], onOther: (fileName: string) => void): string[] {
  const writers: string[] = [];
  for (const entry of entries) {
    const writer = entry.name.slice(0, -extension.length);
    if (!entry.name.endsWith(extension) || !writerPattern.test(writer)) continue;
    if (entry.isFile()) writers.push(writer);
    else onOther(entry.name);
  }
  return writers.sort();
}
