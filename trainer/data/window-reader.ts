import type { FileHandle } from 'node:fs/promises';
import yauzl from 'yauzl';

/** Read at a time: the directory of a zip is many small parts beside each other. */
const windowBytes = 1024 * 1024;

/** Reads a zip's directory for yauzl in large pieces: a read of its own for each entry takes ten times as long. */
export class WindowReader extends yauzl.RandomAccessReader {
  readonly #handle: FileHandle;
  #window: Buffer = Buffer.alloc(0);
  #start = 0;

  constructor(handle: FileHandle) {
    super();
    this.#handle = handle;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    const end = position + length;
    if (position >= this.#start && end <= this.#start + this.#window.length) {
      this.#window.copy(buffer, offset, position - this.#start, end - this.#start);
      // Not at once: each entry asks for the next in this call.
      process.nextTick(callback, null);
      return;
    }
    const wanted = Buffer.allocUnsafe(Math.max(length, windowBytes));
    this.#handle.read(wanted, 0, wanted.length, position).then(
      ({ bytesRead }) => {
        if (bytesRead < length) return callback(new Error('the file is cut off'));
        this.#window = wanted.subarray(0, bytesRead);
        this.#start = position;
        this.#window.copy(buffer, offset, 0, length);
        process.nextTick(callback, null);
      },
      (error: Error) => callback(error),
    );
  }

  /** The file belongs to who opened it. */
  override close(callback: (error: Error | null) => void): void {
    callback(null);
  }
}
