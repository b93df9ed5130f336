import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import yauzl from 'yauzl';
import { errorMessage, SlipwayError, UsageError } from '../../../src/errors.ts';
import { contentOffset, localHeaderBytes, noZip } from '../zip-header.ts';
import type { SourceContext } from './source.ts';
import { createSpool, type RandomAccess, readExactly } from './spool.ts';

/** The entries of a zip, of which any part can be read. */
export interface ZipEntries {
  readonly names: readonly string[];
  /** An entry that is there, after its checksum was found right. Throws UsageError where it is damaged. */
  open(name: string): Promise<RandomAccess>;
  close(): Promise<void>;
}

/** Opens a zip; entries that are packed are unpacked to a spool. Throws UsageError for what is no zip. */
export async function openZipEntries(file: string, context: SourceContext): Promise<ZipEntries> {
  let zip: yauzl.ZipFile;
  const entries = new Map<string, yauzl.Entry>();
  try {
    zip = await new Promise<yauzl.ZipFile>((resolve, reject) => {
      yauzl.open(file, { lazyEntries: false, autoClose: false }, (error, opened) => {
        if (error !== null) return reject(error);
        opened.on('entry', (entry: yauzl.Entry) => entries.set(entry.fileName, entry));
        opened.on('end', () => resolve(opened));
        opened.on('error', reject);
      });
    });
  } catch (error) {
    throw noZip(file, error);
  }
  const handle = await open(file);
  const opened: RandomAccess[] = [];
  return {
    names: [...entries.keys()],
    open: async (name) => {
      const access = await openEntry(zip, handle, entries.get(name) as yauzl.Entry, file, context);
      opened.push(access);
      return access;
    },
    close: async () => {
      for (const access of opened) await access.close();
      zip.close();
      await handle.close();
    },
  };
}

async function openEntry(
  zip: yauzl.ZipFile,
  handle: FileHandle,
  entry: yauzl.Entry,
  file: string,
  context: SourceContext,
): Promise<RandomAccess> {
  const spool = entry.compressionMethod === 0 ? null : await createSpool(context.cacheDirectory);
  try {
    let checksum = 0;
    for await (const chunk of await contentOf(zip, entry)) {
      context.signal?.throwIfAborted();
      checksum = crc32(chunk, checksum);
      await spool?.append(chunk);
    }
    if (checksum !== entry.crc32 >>> 0) throw new Error('its checksum is wrong');
    return spool ?? (await storedEntry(handle, entry));
  } catch (error) {
    await spool?.close();
    context.signal?.throwIfAborted();
    if (error instanceof SlipwayError) throw error;
    throw new UsageError(`The entry ${entry.fileName} of ${file} is damaged: ${errorMessage(error)}.`, {
      cause: error,
    });
  }
}

function contentOf(zip: yauzl.ZipFile, entry: yauzl.Entry): Promise<Readable> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => (error === null ? resolve(stream) : reject(error)));
  });
}

async function storedEntry(handle: FileHandle, entry: yauzl.Entry): Promise<RandomAccess> {
  const header = await readExactly(handle, entry.relativeOffsetOfLocalHeader, localHeaderBytes);
  const start = contentOffset(entry, header);
  return {
    size: entry.uncompressedSize,
    read: (offset, length) => readExactly(handle, start + offset, length),
    close: async () => {},
  };
}
