import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { errorCode } from '../errors.ts';
import { maximumLineBytes } from './schema.ts';

/** One complete line of a writer's file: its bytes without the newline, and where it lies. */
export interface LogLine {
  readonly offset: number;
  /** Offset just behind the line's newline. */
  readonly end: number;
  /** Null for a line over the limit, whose bytes are not held. */
  readonly bytes: Uint8Array | null;
}

const newline = 0x0a;
const usualChunkBytes = 128 * 1024;

/**
 * Reads a growing file line by line from a byte offset. A last line without its newline is torn: it waits for its
 * rest, or for `final`. Memory stays below one line and its chunk.
 */
export class LineCursor {
  readonly #file: string;
  #handle: FileHandle | null = null;
  #offset: number;

  constructor(file: string, offset = 0) {
    this.#file = file;
    this.#offset = offset;
  }

  /** Where the next line begins. */
  get offset(): number {
    return this.#offset;
  }

  /** The next complete lines, empty where there are none yet. With `final` a torn last line counts as complete. */
  async read(options: { readonly final?: boolean } = {}): Promise<LogLine[]> {
    this.#handle ??= await openIfThere(this.#file);
    if (this.#handle === null) return [];
    const { size } = await this.#handle.stat();
    if (size <= this.#offset) return [];
    let chunk = await this.#chunkAt(this.#offset, Math.min(usualChunkBytes, size - this.#offset));
    if (chunk.length === usualChunkBytes && !chunk.includes(newline)) {
      chunk = await this.#chunkAt(this.#offset, maximumLineBytes + 1);
    }
    const lines = this.#split(chunk);
    if (lines.length === 0 && chunk.length > maximumLineBytes) return this.#skipOversized(options.final === true);
    if (lines.length === 0 && chunk.length > 0 && options.final === true) {
      lines.push({ offset: this.#offset, end: this.#offset + chunk.length, bytes: chunk });
    }
    this.#offset = lines.at(-1)?.end ?? this.#offset;
    return lines;
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close();
  }

  #split(chunk: Uint8Array): LogLine[] {
    const lines: LogLine[] = [];
    let start = 0;
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, start)) {
      const bytes = at - start > maximumLineBytes ? null : chunk.subarray(start, at);
      lines.push({ offset: this.#offset + start, end: this.#offset + at + 1, bytes });
      start = at + 1;
    }
    return lines;
  }

  /** Passes over a line longer than any line may be, once its newline is written. */
  async #skipOversized(final: boolean): Promise<LogLine[]> {
    const offset = this.#offset;
    for (let position = offset + maximumLineBytes; ; position += usualChunkBytes) {
      const chunk = await this.#chunkAt(position, usualChunkBytes);
      const at = chunk.indexOf(newline);
      const atEnd = chunk.length < usualChunkBytes;
      if (at < 0 && atEnd && !final) return [];
      if (at < 0 && !atEnd) continue;
      this.#offset = at < 0 ? position + chunk.length : position + at + 1;
      return [{ offset, end: this.#offset, bytes: null }];
    }
  }

  async #chunkAt(position: number, size: number): Promise<Uint8Array> {
    const buffer = Buffer.allocUnsafe(size);
    let filled = 0;
    while (filled < size) {
      const { bytesRead } = await this.#handle!.read(buffer, filled, size - filled, position + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  }
}

/** Null also for what is no regular file: a pipe would never be opened, and a link may lead anywhere. */
async function openIfThere(file: string): Promise<FileHandle | null> {
  let handle: FileHandle;
  try {
    handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (['ENOENT', 'ELOOP', 'ENXIO'].includes(errorCode(error) ?? '')) return null;
    throw error;
  }
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  return null;
}
