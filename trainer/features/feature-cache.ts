import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { CannotWriteError, errorCode, errorMessage, SlipwayError } from '../../src/errors.ts';
import { syncDirectory } from '../../src/util/atomic-write-file.ts';
import { createFeatureWriter, damageOf, FeatureFile, type FeatureSet } from './feature-file.ts';

/** Folders that a killed process left are removed after so long: by then nobody writes them. */
const abandonedAfterMs = 24 * 60 * 60 * 1000;
const temporaryEnd = '.tmp';

/** Told the features of some samples, a row for each, in any order. */
export type WriteFeatures = (ids: readonly string[], values: Float32Array) => Promise<void>;

export interface CachedFeatures {
  readonly file: FeatureFile;
  /** Whether they were there. */
  readonly isReused: boolean;
}

/**
 * The features of a set of samples, from the folder of their digest where they are whole, else made: in a folder beside
 * it, which is renamed when everything is on the disk, so that there is never a part of them.
 *
 * @param directory where the folders of all digests lie; made where it is missing.
 * @param onDamage told what is wrong with features that are there and are made again.
 */
export async function cachedFeatures(options: {
  readonly directory: string;
  readonly digest: string;
  readonly set: FeatureSet;
  readonly make: (write: WriteFeatures) => Promise<void>;
  readonly onDamage: (damage: string) => void;
}): Promise<CachedFeatures> {
  const { directory, digest, set, make, onDamage } = options;
  const folder = path.join(directory, digest);
  const file = new FeatureFile(folder, set);
  const temporary = `${folder}.${process.pid}.${randomBytes(4).toString('hex')}${temporaryEnd}`;
  try {
    if (await isThere(folder)) {
      const damage = await damageOf(folder, set);
      if (damage === null) return { file, isReused: true };
      onDamage(damage);
      await rm(folder, { recursive: true, force: true });
    }
    await mkdir(temporary, { recursive: true });
    await removeAbandoned(directory);
    const writer = await createFeatureWriter(temporary, set);
    try {
      await make(writer.write);
      await writer.finish();
    } finally {
      await writer.close();
    }
    await syncDirectory(temporary);
    await place(temporary, folder);
    await syncDirectory(directory);
    return { file, isReused: false };
  } catch (error) {
    // The first reason is the one that counts.
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    if (error instanceof SlipwayError || errorCode(error) === undefined) throw error;
    throw new CannotWriteError(
      `The features of the frozen base cannot be kept in ${directory}: ${errorMessage(error)}.`,
      { cause: error },
    );
  }
}

/** Another process may have been first: what it made is the same. */
async function place(temporary: string, folder: string): Promise<void> {
  try {
    await rename(temporary, folder);
  } catch (error) {
    if (errorCode(error) !== 'ENOTEMPTY' && errorCode(error) !== 'EEXIST') throw error;
    await rm(temporary, { recursive: true, force: true });
  }
}

async function removeAbandoned(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.endsWith(temporaryEnd)) continue;
    const folder = path.join(directory, name);
    try {
      const changedMs = await lastChange(folder);
      if (changedMs !== null && Date.now() - changedMs > abandonedAfterMs)
        await rm(folder, { recursive: true, force: true });
    } catch (error) {
      // In a storage of several users it may be another's to remove.
      if (errorCode(error) !== 'EACCES' && errorCode(error) !== 'EPERM') throw error;
    }
  }
}

/** When something in a folder was last written; null where it is gone. */
async function lastChange(folder: string): Promise<number | null> {
  try {
    const files = (await readdir(folder)).map((name) => path.join(folder, name));
    return Math.max(...(await Promise.all([folder, ...files].map(async (file) => (await stat(file)).mtimeMs))));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

async function isThere(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
