import { closeSync, fstatSync, readSync } from 'node:fs';
import { LineSplitter, openForReading } from '../util/index.ts';

const chunkBytes = 64 * 1024;

/** Reads what is appended to a text file, whole lines at a time. A file that is not there yet, or is no regular one, is empty. */
export class FileTail {
  readonly #file: string;
  readonly #splitter = new LineSplitter((line) => this.#lines.push(line));
  #lines: string[] = [];
  #offset: number;

  /** @param start Bytes at its beginning that are passed over. */
  constructor(file: string, start = 0) {
    this.#file = file;
    this.#offset = start;
  }

  /** The lines that have come since the last call. A last line without its end waits for the rest. */
  read(): string[] {
    this.#lines = [];
    const descriptor = openForReading(this.#file);
    if (descriptor === null) return this.#lines;
    try {
      if (fstatSync(descriptor).size <= this.#offset) return this.#lines;
      const chunk = Buffer.alloc(chunkBytes);
      for (;;) {
        const length = readSync(descriptor, chunk, 0, chunkBytes, this.#offset);
        if (length === 0) return this.#lines;
        this.#offset += length;
        this.#splitter.write(chunk.subarray(0, length));
      }
    } finally {
      closeSync(descriptor);
    }
  }
}
