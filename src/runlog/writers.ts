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

/** The writers of a run log, by their files in the folder `events`; none where the folder is not there yet. */
export async function listWriters(eventsDirectory: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(eventsDirectory);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
  return names
    .filter((name) => name.endsWith(extension))
    .map((name) => name.slice(0, -extension.length))
    .filter((writer) => writerPattern.test(writer))
    .sort();
}
