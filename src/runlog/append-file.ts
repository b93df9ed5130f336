import { closeSync, fstatSync, fsyncSync, readSync, writeSync } from 'node:fs';
import { CannotWriteError, errorMessage } from '../errors.ts';
import { openForAppend } from '../util/open-file.ts';

const flushIntervalMs = 50;
const flushCharacters = 64 * 1024;

/** Files with lines that are not written yet, for the process's exit. */
const openFiles = new Set<AppendFile>();

function flushAll(): void {
  for (const file of openFiles) file.tryFlush();
}

/** A file opened for append that takes whole lines and writes them together, many a system call. */
export class AppendFile {
  readonly #path: string;
  readonly #descriptor: number;
  #text = '';
  /** The rest of a write that the disk took only a part of: never separated from what follows. */
  #rest: Uint8Array = new Uint8Array(0);
  #timer: NodeJS.Timeout | null = null;
  #isScheduled = false;
  #isClosed = false;
  #flushedAtMs = Number.NEGATIVE_INFINITY;

  private constructor(path: string, descriptor: number) {
    this.#path = path;
    this.#descriptor = descriptor;
  }

  /** Opens or makes the file. A last line that its writer could not finish is ended first, so that it spoils no other. */
  static open(path: string): AppendFile {
    const descriptor = openForAppend(path);
    try {
      const file = new AppendFile(path, descriptor);
      if (file.#endsTorn()) file.append('\n');
      if (openFiles.size === 0) process.on('exit', flushAll);
      openFiles.add(file);
      return file;
    } catch (error) {
      throw cannotWrite(path, error);
    }
  }

  append(lines: string): void {
    if (this.#isClosed) throw new CannotWriteError(`${this.#path} is closed: nothing can be appended to it.`);
    this.#text += lines;
    if (this.#text.length >= flushCharacters) this.flush();
    else if (!this.#isScheduled) this.#schedule();
  }

  /** Writes what was appended. Throws CannotWriteError; what was not written is kept and tried again. */
  flush(): void {
    this.#isScheduled = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#text === '' && this.#rest.length === 0) return;
    const text = Buffer.from(this.#text, 'utf8');
    this.#text = '';
    this.#rest = this.#rest.length === 0 ? text : Buffer.concat([this.#rest, text]);
    try {
      while (this.#rest.length > 0) this.#rest = this.#rest.subarray(writeSync(this.#descriptor, this.#rest));
    } catch (error) {
      throw cannotWrite(this.#path, error);
    }
    this.#flushedAtMs = performance.now();
  }

  /** Flushes where nobody can be told of a failure: the next append or close tries again and tells. */
  tryFlush(): void {
    try {
      this.flush();
    } catch (error) {
      if (!(error instanceof CannotWriteError)) throw error;
    }
  }

  /** Writes what was appended and waits until the disk has it. Throws CannotWriteError. */
  sync(): void {
    this.flush();
    try {
      fsyncSync(this.#descriptor);
    } catch (error) {
      throw cannotWrite(this.#path, error);
    }
  }

  close(): void {
    if (this.#isClosed) return;
    try {
      this.flush();
    } finally {
      this.#isClosed = true;
      openFiles.delete(this);
      if (openFiles.size === 0) process.off('exit', flushAll);
      closeSync(this.#descriptor);
    }
  }

  /**
   * A first line after a pause goes out as soon as the running code yields, together with what that code appends to
   * it: training that blocks the event loop afterwards does not hold it back. Lines in quick succession share a timer.
   */
  #schedule(): void {
    if (this.#rest.length > 0) {
      this.flush();
      return;
    }
    this.#isScheduled = true;
    const pauseMs = performance.now() - this.#flushedAtMs;
    if (pauseMs >= flushIntervalMs) {
      queueMicrotask(() => {
        if (this.#isScheduled && !this.#isClosed) this.tryFlush();
      });
    } else {
      this.#timer = setTimeout(() => this.tryFlush(), flushIntervalMs - pauseMs);
      this.#timer.unref();
    }
  }

  #endsTorn(): boolean {
    const { size } = fstatSync(this.#descriptor);
    if (size === 0) return false;
    const last = Buffer.alloc(1);
    readSync(this.#descriptor, last, 0, 1, size - 1);
    return last[0] !== 0x0a;
  }
}

function cannotWrite(path: string, error: unknown): CannotWriteError {
  return new CannotWriteError(`Cannot write ${path}: ${errorMessage(error)}.`, { cause: error });
}
