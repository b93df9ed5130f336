import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CannotWriteError, errorMessage } from '../../../src/errors.ts';

/** Bytes on disk, of which any part can be read again. */
export interface RandomAccess {
  /** Bytes in all. */
  readonly size: number;
  /** Exactly these bytes. Throws an Error whose message completes the sentence "<file> …". */
  read(offset: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** A file that grows at its end. */
export interface Spool extends RandomAccess {
  append(bytes: Uint8Array): Promise<void>;
}

/** Appends all of a stream. */
export async function appendAll(spool: Spool, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) await spool.append(chunk);
}

/** Bytes collected before they are written: rows of a table are small. */
const bufferBytes = 1024 * 1024;

/** Reads from an open file. */
export async function readExactly(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(buffer, done, length - done, offset + done);
    if (bytesRead === 0) throw new Error(`is cut off: it ends before byte ${offset + length}`);
    done += bytesRead;
  }
  return buffer;
}

/** A file as it lies. */
export async function openRandomAccess(file: string): Promise<RandomAccess> {
  const handle = await open(file);
  const { size } = await handle.stat();
  return { size, read: (offset, length) => readExactly(handle, offset, length), close: () => handle.close() };
}

/**
 * A place for what cannot be read at random where it lies. The file has no name from the start, so that nothing of it
 * stays, however the process ends. Without a directory it is in that of temporary files.
 * Throws CannotWriteError where there is no room.
 */
export async function createSpool(cacheDirectory: string | null): Promise<Spool> {
  const directory = cacheDirectory ?? tmpdir();
  const file = path.join(directory, `spool-${randomUUID()}`);
  const cannotWrite = (error: unknown) =>
    new CannotWriteError(`The data cannot be unpacked to ${directory}: ${errorMessage(error)}.`, { cause: error });
  let handle: FileHandle;
  try {
    await mkdir(directory, { recursive: true });
    handle = await open(file, 'wx+', 0o600);
    await unlink(file);
  } catch (error) {
    throw cannotWrite(error);
  }
  let size = 0;
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  const write = async (): Promise<void> => {
    if (pendingBytes === 0) return;
    const bytes = Buffer.concat(pending);
    const start = size - pendingBytes;
    pending = [];
    pendingBytes = 0;
    try {
      for (let done = 0; done < bytes.length; ) {
        done += (await handle.write(bytes, done, bytes.length - done, start + done)).bytesWritten;
      }
    } catch (error) {
      throw cannotWrite(error);
    }
  };
  // One after another: who reads while others write waits for them.
  let written: Promise<void> = Promise.resolve();
  const flush = (): Promise<void> => {
    written = written.then(write);
    return written;
  };
  return {
    get size() {
      return size;
    },
    append: async (bytes) => {
      pending.push(bytes);
      pendingBytes += bytes.length;
      size += bytes.length;
      if (pendingBytes >= bufferBytes) await flush();
    },
    read: async (offset, length) => {
      await flush();
      return readExactly(handle, offset, length);
    },
    close: () => handle.close(),
  };
}
