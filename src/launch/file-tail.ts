import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { errorCode } from '../errors.ts';
import { LineSplitter } from '../util/index.ts';

const chunkBytes = 64 * 1024;

/** Reads what is appended to a text file, whole lines at a time. A file that is not there yet is empty. */
export class FileTail {
  readonly #file: string;
  readonly #splitter = new LineSplitter((line) => this.#lines.push(line));
  #lines: string[] = [];
  #offset = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** The lines that have come since the last call. A last line without its end waits for the rest. */
  read(): string[] {
    this.#lines = [];
    let descriptor: number;
    try {
      descriptor = openSync(this.#file, 'r');
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return this.#lines;
      throw error;
    }
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
