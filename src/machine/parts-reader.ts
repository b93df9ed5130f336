import { closeSync, fstatSync, readSync } from 'node:fs';
import { LineSplitter } from '../util/line-splitter.ts';
import { openForReading } from '../util/open-file.ts';

const chunkBytes = 64 * 1024;
const newline = 0x0a;

/** A place in a text that lies in several files: which file, and how many bytes of it. */
export interface OutputPosition {
  readonly part: number;
  readonly offset: number;
}

/**
 * Reads the lines of a text that lies in several files, a chunk at a time, so that its size does not matter, and goes on
 * where it stopped when more has been written.
 */
export class PartsReader {
  readonly #parts: () => readonly string[];
  readonly #splitter = new LineSplitter((line) => this.#lines.push(line));
  #lines: string[] = [];
  #part: number;
  #offset: number;

  /** @param parts The files that there are, in order: asked again before each reading. */
  constructor(parts: () => readonly string[], start: OutputPosition = { part: 0, offset: 0 }) {
    this.#parts = parts;
    this.#part = start.part;
    this.#offset = start.offset;
  }

  /** The next lines; none where all that is there has been read. A last line without its end waits for the rest. */
  read(): string[] {
    this.#lines = [];
    const parts = this.#parts();
    while (this.#lines.length === 0) {
      const file = parts[this.#part];
      if (file === undefined) break;
      if (this.#readChunk(file)) continue;
      // A part is complete once there is a next one, which was listed before this one was read to its end.
      if (this.#part + 1 >= parts.length) break;
      this.#part += 1;
      this.#offset = 0;
    }
    return this.#lines;
  }

  /** The last line, where it has no end: nothing more will be written. */
  end(): string[] {
    this.#lines = [];
    this.#splitter.end();
    return this.#lines;
  }

  #readChunk(file: string): boolean {
    const descriptor = openForReading(file);
    if (descriptor === null) return false;
    try {
      const chunk = Buffer.allocUnsafe(chunkBytes);
      const length = readSync(descriptor, chunk, 0, chunkBytes, this.#offset);
      this.#offset += length;
      if (length > 0) this.#splitter.write(chunk.subarray(0, length));
      return length > 0;
    } finally {
      closeSync(descriptor);
    }
  }
}

/** Where the last lines of a text in several files begin, and how many they are: `count`, or all where there are fewer. */
export function tailOf(
  parts: readonly string[],
  count: number,
): { readonly start: OutputPosition; readonly lines: number } {
  let lines = 0;
  for (let part = parts.length - 1; part >= 0; part -= 1) {
    const found = linesFromEnd(parts[part]!, count - lines);
    lines += found.lines;
    if (lines >= count) return { start: { part, offset: found.offset }, lines };
  }
  return { start: { part: 0, offset: 0 }, lines };
}

/** Reads a file from its end until it has seen so many lines. A last line without its end is one. */
function linesFromEnd(file: string, count: number): { readonly offset: number; readonly lines: number } {
  const descriptor = openForReading(file);
  if (descriptor === null) return { offset: 0, lines: 0 };
  try {
    const { size } = fstatSync(descriptor);
    if (count === 0 || size === 0) return { offset: size, lines: 0 };
    const chunk = Buffer.allocUnsafe(chunkBytes);
    let lines = 0;
    for (let end = size; end > 0; ) {
      const start = Math.max(0, end - chunkBytes);
      const length = readSync(descriptor, chunk, 0, end - start, start);
      for (let index = length - 1; index >= 0; index -= 1) {
        // The newline at the very end ends the last line; each one before it begins another.
        if (chunk[index] !== newline || start + index === size - 1) continue;
        lines += 1;
        if (lines === count) return { offset: start + index + 1, lines };
      }
      end = start;
    }
    return { offset: 0, lines: lines + 1 };
  } finally {
    closeSync(descriptor);
  }
}
