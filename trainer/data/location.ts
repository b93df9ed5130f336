import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { errorCode, errorMessage, UsageError } from '../../src/errors.ts';

/** What lies at a location. Throws UsageError where there is nothing that can be read. */
export async function statData(location: string): Promise<Stats> {
  try {
    return await stat(path.resolve(location));
  } catch (error) {
    const reason = errorCode(error) === 'ENOENT' ? 'does not exist' : `cannot be read: ${errorMessage(error)}`;
    throw new UsageError(`The data ${location} ${reason}.`, {
      hint: 'Put the file into the storage folder and name it as /storage/<file>.',
      cause: error,
    });
  }
}

/** Throws UsageError where a location is no file; `expected` is as `a CSV file`. */
export async function checkFile(location: string, expected: string): Promise<void> {
  if ((await statData(location)).isDirectory()) {
    throw new UsageError(`The data ${location} is a folder; expected ${expected}.`);
  }
}

/** Throws UsageError where a location is no folder; `expected` is as `the folder of IDX files`. */
export async function checkFolder(location: string, expected: string): Promise<void> {
  if (!(await statData(location)).isDirectory()) {
    throw new UsageError(`The data ${location} is a file; expected ${expected}.`);
  }
}
