import { closeSync, fstatSync, read, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type OutputStream, outputStreams } from '../runs/output-log.ts';
import { runPathsOf } from '../runs/paths.ts';
import { openForReading } from '../util/open-file.ts';
import { sleep } from '../util/sleep.ts';
import { OutputCopy, type OutputCopyOptions } from './output-copy.ts';
import type { OutputWriter } from './output-writer.ts';

const readAt = promisify(read);

const pollMs = 100;
const chunkBytes = 256 * 1024;

/** Mode of a spool: secrets in it are not masked. */
export const spoolMode = 0o600;

/** The file that a program on this machine writes a stream to, while it is copied from there. */
export function spoolFile(logsDirectory: string, attempt: number, stream: OutputStream): string {
  return join(logsDirectory, attempt === 1 ? `.${stream}.raw` : `.${stream}-${attempt}.raw`);
}

/** Removes the spools of an attempt, when all of them is kept. */
export function removeSpools(logsDirectory: string, attempt: number): void {
  for (const stream of outputStreams) rmSync(spoolFile(logsDirectory, attempt, stream), { force: true });
}

/**
 * Copies what a program writes to its spools until it has ended. The spools outlive every agent: one that takes over
 * goes on from what is remembered. Answers false where there is no spool: the program writes to the log itself, or
 * all was copied before.
 */
export async function copySpools(options: OutputCopyOptions): Promise<boolean> {
  const { output, signal, hasEnded } = options;
  const { logs } = runPathsOf(output.runDirectory);
  const spools = outputStreams.flatMap((stream) => {
    const descriptor = openForReading(spoolFile(logs, output.attempt ?? 1, stream));
    return descriptor === null ? [] : [{ stream, descriptor }];
  });
  try {
    if (spools.length === 0) return false;
    const copy = await OutputCopy.open(options);
    try {
      const readers = spools.map(({ stream, descriptor }) => new SpoolReader(descriptor, copy[stream]));
      for (let isOver = false; ; ) {
        signal.throwIfAborted();
        let hasRead = false;
        for (const reader of readers) hasRead = (await reader.read()) || hasRead;
        await copy.flush(null);
        if (hasRead) continue;
        if (isOver) break;
        isOver = await hasEnded();
        if (isOver) for (const reader of readers) reader.seal();
        else await sleep(pollMs, { signal });
      }
      for (const stream of outputStreams) copy[stream].end(new Date().toISOString());
      await copy.flush(null);
      await copy.remember(null);
    } finally {
      copy.close();
    }
    return true;
  } finally {
    for (const { descriptor } of spools) closeSync(descriptor);
  }
}

class SpoolReader {
  readonly #descriptor: number;
  readonly #writer: OutputWriter;
  #position: number;
  #end = Number.POSITIVE_INFINITY;

  constructor(descriptor: number, writer: OutputWriter) {
    this.#descriptor = descriptor;
    this.#writer = writer;
    this.#position = writer.rawBytes;
  }

  /** The program has ended: what processes that it left behind write from now on is not its output. */
  seal(): void {
    this.#end = fstatSync(this.#descriptor).size;
  }

  /** Takes a piece of what has come; false where there is none. */
  async read(): Promise<boolean> {
    const size = Math.min(fstatSync(this.#descriptor).size, this.#end);
    if (size < this.#position) {
      // A program that opens /dev/stdout or /dev/stderr anew for writing empties the file behind it.
      this.#writer.restart(new Date().toISOString());
      this.#position = 0;
    }
    if (size <= this.#position) return false;
    const chunk = Buffer.allocUnsafe(chunkBytes);
    const { bytesRead } = await readAt(
      this.#descriptor,
      chunk,
      0,
      Math.min(chunkBytes, size - this.#position),
      this.#position,
    );
    if (bytesRead === 0) return false;
    this.#position += bytesRead;
    this.#writer.add(chunk.subarray(0, bytesRead), new Date().toISOString());
    return true;
  }
}
