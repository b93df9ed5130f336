import { mkdir } from 'node:fs/promises';
import { errorCode } from '../errors.ts';

/** Makes a folder of a run where it is missing; never the run's own, which somebody may have removed. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}
