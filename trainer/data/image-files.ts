import type { Dirent } from 'node:fs';
import { type FileHandle, open, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { crc32, inflateRawSync } from 'node:zlib';
import yauzl from 'yauzl';
import { statData } from './location.ts';
import { WindowReader } from './window-reader.ts';
import { contentOffset, localHeaderBytes, noZip } from './zip-header.ts';

/** A file of the data set, in a zip or a folder. */
export interface ImageFile {
  /** Its path below the data set's root, with forward slashes. */
  readonly name: string;
  /** Its bytes. Throws an Error whose message completes the sentence "<file> …". */
  read(): Promise<Buffer>;
}

/** The files of a zip or a folder, readable until it is closed. */
export interface ImageArchive {
  readonly files: readonly ImageFile[];
  /** The paths of its folders, named as its files are, with those that hold nothing; a zip may not name all of them. */
  readonly folders: readonly string[];
  close(): Promise<void>;
}

async function readExactly(handle: FileHandle, length: number, position: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  if (bytesRead !== length) throw new Error('is cut off: the zip ends before it');
  return buffer;
}

/** Reads one entry in one go: for tens of thousands of small files a stream each would cost more than the reading. */
async function readEntry(handle: FileHandle, entry: yauzl.Entry): Promise<Buffer> {
  if (entry.isEncrypted()) throw new Error('is encrypted');
  const header = await readExactly(handle, localHeaderBytes, entry.relativeOffsetOfLocalHeader);
  const start = contentOffset(entry, header);
  const stored = await readExactly(handle, entry.compressedSize, start);
  let bytes = stored;
  if (entry.compressionMethod === 8) {
    try {
      bytes = inflateRawSync(stored, { maxOutputLength: Math.max(entry.uncompressedSize, 1) });
    } catch (error) {
      throw new Error('is damaged: it cannot be inflated', { cause: error });
    }
  } else if (entry.compressionMethod !== 0) throw new Error('is packed by a method other than deflate');
  if (crc32(bytes) !== entry.crc32 >>> 0) throw new Error('is damaged: its checksum is wrong');
  return bytes;
}

async function listEntries(handle: FileHandle): Promise<yauzl.Entry[]> {
  const { size } = await handle.stat();
  return new Promise((resolve, reject) => {
    yauzl.fromRandomAccessReader(new WindowReader(handle), size, { lazyEntries: false }, (error, zip) => {
      if (error !== null) return reject(error);
      const entries: yauzl.Entry[] = [];
      zip.on('entry', (entry: yauzl.Entry) => entries.push(entry));
      zip.on('end', () => resolve(entries));
      zip.on('error', reject);
    });
  });
}

async function openZip(file: string): Promise<ImageArchive> {
  let handle: FileHandle | null = null;
  let entries: yauzl.Entry[];
  try {
    handle = await open(file);
    entries = await listEntries(handle);
  } catch (error) {
    await handle?.close();
    throw noZip(file, error);
  }
  const opened = handle;
  const files = entries
    .filter((entry) => !entry.fileName.endsWith('/'))
    .map((entry) => ({ name: entry.fileName, read: () => readEntry(opened, entry) }));
  const folders = entries.map((entry) => entry.fileName).filter((name) => name.endsWith('/'));
  return { files, folders: folders.map((name) => name.slice(0, -1)), close: () => opened.close() };
}

async function openFolder(folder: string): Promise<ImageArchive> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const nameOf = ({ parentPath, name }: Dirent): string =>
    path.relative(path.dirname(folder), path.join(parentPath, name)).split(path.sep).join('/');
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => ({ name: nameOf(entry), read: () => readFile(path.join(entry.parentPath, entry.name)) }));
  const folders = entries.filter((entry) => entry.isDirectory()).map(nameOf);
  return { files, folders, close: async () => {} };
}

/** Opens a zip or a folder of images. Throws UsageError where there is neither. */
export async function openImageArchive(location: string): Promise<ImageArchive> {
  const found = await statData(location);
  const resolved = path.resolve(location);
  return found.isDirectory() ? openFolder(resolved) : openZip(resolved);
}
