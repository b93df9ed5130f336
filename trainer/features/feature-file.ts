import { type FileHandle, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { errorCode, errorMessage, SlipwayError } from '../../src/errors.ts';

/** Features of samples, one row of float32 each, in the order of the samples' ids (by code units). */
const valuesName = 'features.bin';
const indexName = 'index.json';

const indexSchema = z.object({
  samples: z.int().min(0),
  /** Of one sample. */
  shape: z.array(z.int().min(1)),
  /** CRC-32 of the values. */
  crc32: z.int(),
});

/** Read at a time. */
const windowBytes = 4 * 1024 * 1024;

/** What a folder of features is to hold. */
export interface FeatureSet {
  readonly ids: readonly string[];
  /** Of one sample. */
  readonly shape: readonly number[];
}

/** Values of one sample. */
export function rowLength({ shape }: Pick<FeatureSet, 'shape'>): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** An open file of features. */
export interface FeatureReader {
  rows(ids: readonly string[]): Promise<Float32Array[]>;
  close(): Promise<void>;
}

/** A folder with the features of every sample of a set; nothing of it stays in memory but where each lies. */
export class FeatureFile {
  readonly #file: string;
  readonly #rows: ReadonlyMap<string, number>;
  readonly #length: number;

  constructor(directory: string, set: FeatureSet) {
    this.#file = path.join(directory, valuesName);
    this.#rows = rowsOf(set);
    this.#length = rowLength(set);
  }

  /** Opens the file; `rows` gives a row for each id. Throws SlipwayError where it is gone or cut off. */
  async open(): Promise<FeatureReader> {
    let handle: FileHandle;
    try {
      handle = await open(this.#file);
    } catch (error) {
      throw new SlipwayError(`The features in ${this.#file} cannot be read: ${errorMessage(error)}.`, {
        hint: 'Was the cache emptied while this training goes on? Start it again.',
        cause: error,
      });
    }
    return {
      rows: (ids) => Promise.all(ids.map((id) => this.#row(handle, id))),
      close: () => handle.close(),
    };
  }

  async #row(handle: FileHandle, id: string): Promise<Float32Array> {
    const row = this.#rows.get(id);
    if (row === undefined) throw new Error(`There are no features of the sample ${id}.`);
    const values = new Float32Array(this.#length);
    const bytes = new Uint8Array(values.buffer);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, row * bytes.length);
    if (bytesRead === bytes.length) return values;
    throw new SlipwayError(`The features in ${this.#file} are cut off: those of the sample ${id} are missing.`, {
      hint: 'Start the training again: they are made anew.',
    });
  }
}

function rowsOf({ ids }: FeatureSet): Map<string, number> {
  // By code units: a locale's order would depend on the machine.
  return new Map([...ids].sort().map((id, row) => [id, row]));
}

/** Writes features into an empty folder, in any order; `finish` makes them last through a loss of power. */
export async function createFeatureWriter(directory: string, set: FeatureSet) {
  const rows = rowsOf(set);
  const bytesOfRow = rowLength(set) * Float32Array.BYTES_PER_ELEMENT;
  const handle = await open(path.join(directory, valuesName), 'wx+');
  let written = 0;
  return {
    /** `values` holds a row for each id. */
    write: async (ids: readonly string[], values: Float32Array): Promise<void> => {
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      for (const [index, id] of ids.entries()) {
        const row = rows.get(id);
        if (row === undefined) throw new Error(`The sample ${id} is not among those whose features are wanted.`);
        for (let done = 0; done < bytesOfRow; ) {
          // Where the disk is full, a part is written before the next call says so.
          const at = [index * bytesOfRow + done, bytesOfRow - done, row * bytesOfRow + done] as const;
          done += (await handle.write(bytes, ...at)).bytesWritten;
        }
        written += 1;
      }
    },
    finish: async (): Promise<void> => {
      if (written !== rows.size)
        throw new Error(`${written} rows of features were written, and ${rows.size} expected.`);
      const index = { samples: rows.size, shape: set.shape, crc32: await checksumOf(handle) };
      await handle.sync();
      const file = await open(path.join(directory, indexName), 'wx');
      try {
        await file.writeFile(`${JSON.stringify(index)}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
    },
    close: () => handle.close(),
  };
}

/** What is wrong with the features in a folder; null where all of them are as they were written. */
export async function damageOf(directory: string, set: FeatureSet): Promise<string | null> {
  try {
    const index = indexSchema.parse(JSON.parse(await readFile(path.join(directory, indexName), 'utf8')));
    if (index.samples !== set.ids.length || index.shape.join() !== set.shape.join()) return 'they are of other samples';
    const handle = await open(path.join(directory, valuesName));
    try {
      const { size } = await handle.stat();
      const expected = index.samples * rowLength(set) * Float32Array.BYTES_PER_ELEMENT;
      if (size !== expected) return `there are ${size} bytes, and not ${expected}`;
      return (await checksumOf(handle)) === index.crc32 ? null : 'their checksum is another one';
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 'a file is missing';
    if (errorCode(error) !== undefined) throw error;
    return 'their index cannot be read';
  }
}

/** CRC-32 of a whole file. */
async function checksumOf(handle: FileHandle): Promise<number> {
  const window = Buffer.allocUnsafe(windowBytes);
  let checksum = 0;
  for (let offset = 0; ; ) {
    const { bytesRead } = await handle.read(window, 0, window.length, offset);
    if (bytesRead === 0) return checksum;
    checksum = crc32(window.subarray(0, bytesRead), checksum);
    offset += bytesRead;
  }
}
