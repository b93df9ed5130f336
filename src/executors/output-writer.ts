import { closeSync, fstatSync, ftruncateSync, rmSync, write } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type OutputStream, outputPartName, outputParts } from '../runs/output-log.ts';
import { openForAppend, SecretMask } from '../util/index.ts';
import type { OutputPosition } from './output-cursor.ts';

const writeAt = promisify(write);

/** A part of this size is followed by another at the next line. */
const partBytes = 8 * 1024 * 1024;
/** Within a line that does not end, only a part of this size is. */
const longestPartBytes = 2 * partBytes;
const newline = 0x0a;

export interface OutputWriterOptions {
  readonly logsDirectory: string;
  readonly stream: OutputStream;
  readonly secrets: readonly string[];
  /** Where the output goes on. */
  readonly position: OutputPosition;
  /** Repeats what a full disk refuses. */
  readonly persistently: <T>(work: () => T | Promise<T>) => Promise<T>;
}

/**
 * Writes one stream of a program's output to its parts: each line behind its time, without secrets. A line that is longer
 * than a part goes on in the next one, which then begins without a time. `add` takes bytes at once, `flush` writes them.
 */
export class OutputWriter {
  readonly #options: OutputWriterOptions;
  readonly #mask: SecretMask;
  /** What is to be written, with null for the beginning of another part. */
  #pending: (Buffer | null)[] = [];
  #descriptor: number | null = null;
  #rawBytes: number;
  #part: number;
  /** The part that is open, while `#part` may be ahead of it. */
  #openPart: number;
  #size: number;
  #isLineOpen: boolean;
  #stamp = { time: '', bytes: Buffer.alloc(0) };

  constructor(options: OutputWriterOptions) {
    const { rawBytes, part, size, isLineOpen } = options.position;
    this.#options = options;
    this.#mask = new SecretMask(options.secrets);
    this.#rawBytes = rawBytes;
    this.#part = part;
    this.#openPart = part;
    this.#size = size;
    this.#isLineOpen = isLineOpen;
  }

  /** Bytes of the program that are in the parts once all was flushed. */
  get rawBytes(): number {
    return this.#rawBytes;
  }

  /** Where a later writer goes on; true of the disk after `flush`. */
  get position(): OutputPosition {
    return { rawBytes: this.#rawBytes, part: this.#part, size: this.#size, isLineOpen: this.#isLineOpen };
  }

  /** Takes the parts in hand: what was written behind the position, and not remembered, goes. */
  async open(): Promise<void> {
    const { logsDirectory, stream, persistently } = this.#options;
    const own = new Set(
      Array.from({ length: this.#part + 1 }, (_, part) => join(logsDirectory, outputPartName(stream, part))),
    );
    for (const later of outputParts(logsDirectory, stream)) if (!own.has(later)) rmSync(later, { force: true });
    this.#descriptor = await persistently(() => openForAppend(this.#pathOf(this.#part)));
    if (fstatSync(this.#descriptor).size > this.#size) ftruncateSync(this.#descriptor, this.#size);
  }

  /** Takes what the program wrote. @param time UTC, as `2026-11-26T08:01:02.345Z`: of the line that begins in it. */
  add(raw: Buffer, time: string): void {
    const heldBefore = this.#mask.heldBytes;
    const masked = this.#mask.push(raw);
    this.#rawBytes += heldBefore + raw.length - this.#mask.heldBytes;
    this.#take(masked, time);
  }

  /** Nothing follows: what may have been the beginning of a secret is none. */
  end(time: string): void {
    this.#rawBytes += this.#mask.heldBytes;
    this.#take(this.#mask.end(), time);
  }

  /** The source begins anew: bytes are counted from here. */
  restart(time: string): void {
    this.end(time);
    this.#rawBytes = 0;
  }

  get hasPending(): boolean {
    return this.#pending.length > 0;
  }

  /** Writes what was taken. Throws CannotWriteError where that is given up. */
  async flush(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    for (let index = 0; index < pending.length; index += 1) {
      if (pending[index] === null) {
        await this.#openNext();
        continue;
      }
      const end = pending.indexOf(null, index);
      const pieces = pending.slice(index, end < 0 ? undefined : end) as Buffer[];
      index += pieces.length - 1;
      await this.#write(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces));
    }
  }

  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  #take(bytes: Buffer, time: string): void {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#size >= (this.#isLineOpen ? longestPartBytes : partBytes)) {
        this.#pending.push(null);
        this.#part += 1;
        this.#size = 0;
      }
      if (!this.#isLineOpen) this.#push(this.#stampOf(time));
      const at = rest.indexOf(newline);
      const room = longestPartBytes - this.#size;
      const length = Math.min(at < 0 ? rest.length : at + 1, Math.max(1, room));
      this.#push(rest.subarray(0, length));
      this.#isLineOpen = at < 0 || length < at + 1;
      rest = rest.subarray(length);
    }
  }

  #push(bytes: Buffer): void {
    this.#pending.push(bytes);
    this.#size += bytes.length;
  }

  #stampOf(time: string): Buffer {
    if (this.#stamp.time !== time) this.#stamp = { time, bytes: Buffer.from(`${time} `, 'latin1') };
    return this.#stamp.bytes;
  }

  async #openNext(): Promise<void> {
    const path = this.#pathOf(this.#openPart + 1);
    const descriptor = await this.#options.persistently(() => openForAppend(path));
    ftruncateSync(descriptor, 0);
    this.close();
    this.#descriptor = descriptor;
    this.#openPart += 1;
  }

  async #write(bytes: Buffer): Promise<void> {
    let rest = bytes;
    while (rest.length > 0) {
      const { bytesWritten } = await this.#options.persistently(() => writeAt(this.#descriptor as number, rest));
      rest = rest.subarray(bytesWritten);
    }
  }

  #pathOf(part: number): string {
    const { logsDirectory, stream } = this.#options;
    return join(logsDirectory, outputPartName(stream, part));
  }
}
