import { closeSync, fstatSync, readSync } from 'node:fs';
import { LineSplitter, openForReading } from '../util/index.ts';

const chunkBytes = 64 * 1024;

/** Reads what is appended to a text file, whole lines at a time. A file that is not there yet, or is no regular one, is empty. */
export class FileTail {
  readonly #file: string;
  readonly #splitter = new LineSplitter((line) => this.#lines.push(line));
  #lines: string[] = [];
  #offset: number;
  /** Null once the past was read. */
  #mostPastBytes: number | null;
  #isPastCut = false;

  /**
   * @param start Bytes at its beginning that are passed over.
   * @param mostPastBytes Of what is there at the first call so much is read, from the end.
   */
  constructor(file: string, start = 0, mostPastBytes = Number.POSITIVE_INFINITY) {
    this.#file = file;
    this.#offset = start;
    this.#mostPastBytes = mostPastBytes;
  }

  /** Whether more was there at the first call than was read. */
  get isPastCut(): boolean {
    return this.#isPastCut;
  }

  /** The lines that have come since the last call. A last line without its end waits for the rest. */
  read(): string[] {
    this.#lines = [];
    const descriptor = openForReading(this.#file);
    if (descriptor === null) return this.#lines;
    try {
      const { size } = fstatSync(descriptor);
      const isCut = this.#mostPastBytes !== null && size - this.#offset > this.#mostPastBytes;
      if (isCut) this.#offset = size - (this.#mostPastBytes ?? 0);
      this.#isPastCut ||= isCut;
      this.#mostPastBytes = null;
      if (size <= this.#offset) return this.#lines;
      const chunk = Buffer.alloc(chunkBytes);
      for (;;) {
        const length = readSync(descriptor, chunk, 0, chunkBytes, this.#offset);
        // The first line is the rest of one that began before.
        if (length === 0) return isCut ? this.#lines.slice(1) : this.#lines;
        this.#offset += length;
        this.#splitter.write(chunk.subarray(0, length));
      }
    } finally {
      closeSync(descriptor);
    }
  }
}
