import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { UsageError } from '../errors.ts';
import { plainReason } from './env-file.ts';

/** As many as Docker and Kubernetes take of one secret, or nearly. */
const largestBytes = 500 * 1024;

/** What a name may be: it is one of a file, in a folder of its own. */
const namePattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/;

/** Whether a secret can have this name. */
export function isSecretFileName(name: string): boolean {
  return namePattern.test(name);
}

/** What of a secret's name is wrong, for a person. */
export const secretNameForms = 'letters, digits, _, - and ., not beginning with - or .';

/**
 * Reads the file of a secret. Throws UsageError where it is no regular file, is empty or larger than 500 KiB, cannot be read,
 * or could not be read in a container, whose program has no rights of root and no groups beside its user's own.
 * @param reader User and group of the program, where that runs in a container.
 */
export function readSecretFile(
  name: string,
  file: string,
  reader: { readonly uid: number; readonly gid: number } | null,
): string {
  const fail = (what: string, hint?: string): UsageError =>
    new UsageError(`The file of the secret ${name}, ${file}, ${what}.`, hint === undefined ? {} : { hint });
  let descriptor: number;
  try {
    // A pipe that nobody writes to must not be waited for.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw fail(`cannot be read: ${plainReason(error)}`, 'A secret is given as `--secret NAME=FILE`.');
  }
  try {
    const status = fstatSync(descriptor);
    if (status.isDirectory()) throw fail('is a folder', 'Name each file of it: `--secret NAME=FILE`');
    if (!status.isFile()) throw fail('is no regular file', 'Write the secret to a file of mode 600 first.');
    if (status.size === 0) throw fail('is empty');
    if (status.size > largestBytes) {
      throw fail('is larger than 500 KiB', 'Data that large are a volume of the MLproject, or lie in the storage.');
    }
    if (reader !== null && !mayRead(status, reader)) {
      throw fail(
        `could not be read in the container, which runs as user ${reader.uid} and group ${reader.gid} without other rights`,
        'Make it a file of that user: copy it, with mode 600.',
      );
    }
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

function mayRead(status: Stats, { uid, gid }: { readonly uid: number; readonly gid: number }): boolean {
  if (status.uid === uid) return (status.mode & 0o400) !== 0;
  if (status.gid === gid) return (status.mode & 0o040) !== 0;
  return (status.mode & 0o004) !== 0;
}
