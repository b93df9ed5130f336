import { closeSync, existsSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../errors.ts';
import { type OutputStream, outputPartName } from '../runs/output-log.ts';
import { openForReading } from '../util/index.ts';

const chunkBytes = 64 * 1024;

/** Reads the parts of a stream's output one after the other, as they grow. */
export class PartsCursor {
  readonly #logs: string;
  readonly #stream: OutputStream;
  #part: number;
  #offset: number;

  /** @param starts Bytes of each part that are passed over, by its path in the run folder. */
  constructor(logsDirectory: string, stream: OutputStream, starts: Readonly<Record<string, number>> = {}) {
    this.#logs = logsDirectory;
    this.#stream = stream;
    let part = 0;
    while (starts[`logs/${outputPartName(stream, part + 1)}`] !== undefined) part += 1;
    this.#part = part;
    this.#offset = starts[`logs/${outputPartName(stream, part)}`] ?? 0;
  }

  /** Hands on what is there, about so many bytes at most; true where there may be more. */
  read(mostBytes: number, take: (chunk: Buffer) => void): boolean {
    let left = mostBytes;
    for (;;) {
      // Asked before the part is read: where there is another one, this one does not grow any more.
      const hasNext = existsSync(this.#pathOf(this.#part + 1));
      left = this.#readPart(left, take);
      if (left <= 0) return true;
      if (!hasNext) return false;
      this.#part += 1;
      this.#offset = 0;
    }
  }

  /** Bytes that were not read yet. */
  backlog(): number {
    let sum = -this.#offset;
    for (let part = this.#part; ; part += 1) {
      const size = this.#sizeOf(part);
      if (size === null) return Math.max(0, sum);
      sum += size;
    }
  }

  /** Passes over so many of the bytes that were not read yet. */
  passOver(bytes: number): void {
    for (let left = bytes; ; ) {
      const size = this.#sizeOf(this.#part);
      if (size === null) return;
      const here = Math.max(0, size - this.#offset);
      if (left <= here) {
        this.#offset += left;
        return;
      }
      left -= here;
      this.#part += 1;
      this.#offset = 0;
    }
  }

  #readPart(mostBytes: number, take: (chunk: Buffer) => void): number {
    const descriptor = openForReading(this.#pathOf(this.#part));
    if (descriptor === null) return mostBytes;
    try {
      for (let left = mostBytes; left > 0; ) {
        const chunk = Buffer.allocUnsafe(chunkBytes);
        const length = readSync(descriptor, chunk, 0, chunkBytes, this.#offset);
        if (length === 0) return left;
        this.#offset += length;
        left -= length;
        take(chunk.subarray(0, length));
      }
      return 0;
    } finally {
      closeSync(descriptor);
    }
  }

  /** Null where there is no such part. */
  #sizeOf(part: number): number | null {
    try {
      return statSync(this.#pathOf(part)).size;
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return null;
      throw error;
    }
  }

  #pathOf(part: number): string {
    return join(this.#logs, outputPartName(this.#stream, part));
  }
}
