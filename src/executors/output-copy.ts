import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CannotWriteError, errorCode, errorMessage } from '../errors.ts';
import { type OutputStream, outputPartName, outputStreams } from '../runs/output-log.ts';
import { runPathsOf } from '../runs/paths.ts';
import { sleep } from '../util/sleep.ts';
import type { ProgramOutput } from './executor.ts';
import { type OutputPosition, type ResumePoint, readOutputCursor, writeOutputCursor } from './output-cursor.ts';
import { OutputWriter } from './output-writer.ts';

/** How often it is remembered how far the copy is, and after how many bytes at the latest. */
const rememberAfterMs = 2000;
const rememberAfterBytes = 16 * 1024 * 1024;

const fullRetryMs = 1000;
/** How long a full disk is waited for once the program has ended. */
const fullPatienceMs = 10_000;
const fullCodes: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

export interface OutputCopyOptions {
  readonly output: ProgramOutput;
  readonly signal: AbortSignal;
  /** Whether the program has ended: a full disk is then not waited for without an end. */
  readonly hasEnded: () => Promise<boolean>;
}

/**
 * Both streams of one attempt's output on their way into the run folder, with the memory of how far they are. That is
 * written after the lines, so that whoever goes on after a kill cuts off what is not remembered and writes it again.
 */
export class OutputCopy {
  readonly stdout: OutputWriter;
  readonly stderr: OutputWriter;
  /** From where on the source was read to here; null for from its beginning. */
  readonly resume: ResumePoint | null;
  readonly #options: OutputCopyOptions;
  readonly #logs: string;
  #rememberedAtMs = Date.now();
  #rememberedBytes: number;
  #isFull = false;

  private constructor(
    options: OutputCopyOptions,
    positions: Readonly<Record<OutputStream, OutputPosition>>,
    resume: ResumePoint | null,
  ) {
    const { output } = options;
    this.#options = options;
    this.#logs = runPathsOf(output.runDirectory).logs;
    this.resume = resume;
    const writer = (stream: OutputStream): OutputWriter =>
      new OutputWriter({
        logsDirectory: this.#logs,
        stream,
        secrets: output.secrets ?? [],
        position: positions[stream],
        persistently: (work) => this.#persistently(work),
      });
    this.stdout = writer('stdout');
    this.stderr = writer('stderr');
    this.#rememberedBytes = this.#rawBytes;
  }

  /** Goes on where the copy before ended, whoever made it. Throws CannotWriteError where something else is in a part's place. */
  static async open(options: OutputCopyOptions): Promise<OutputCopy> {
    const { output } = options;
    const { logs } = runPathsOf(output.runDirectory);
    const cursor = await readOutputCursor(logs, output.attempt ?? 1);
    const remembered =
      cursor !== null &&
      (await isThere(logs, 'stdout', cursor.stdout)) &&
      (await isThere(logs, 'stderr', cursor.stderr));
    const first = (stream: OutputStream): OutputPosition => ({
      rawBytes: 0,
      ...(output.starts?.[stream] ?? { part: 0, size: 0 }),
      isLineOpen: false,
    });
    const copy = new OutputCopy(
      options,
      remembered ? cursor : { stdout: first('stdout'), stderr: first('stderr') },
      remembered ? cursor.resume : null,
    );
    try {
      for (const stream of outputStreams) await copy[stream].open();
    } catch (error) {
      copy.close();
      throw error;
    }
    return copy;
  }

  /** Writes what was taken, and now and then how far the copy is. */
  async flush(resume: ResumePoint | null): Promise<void> {
    if (this.stdout.hasPending) await this.stdout.flush();
    if (this.stderr.hasPending) await this.stderr.flush();
    const rawBytes = this.#rawBytes;
    const isDue =
      rawBytes - this.#rememberedBytes >= rememberAfterBytes || Date.now() - this.#rememberedAtMs >= rememberAfterMs;
    if (rawBytes !== this.#rememberedBytes && isDue) await this.remember(resume);
  }

  /** Writes down how far the copy is. A disk that is full just now forgets it: more is then copied once more. */
  async remember(resume: ResumePoint | null): Promise<void> {
    const { output } = this.#options;
    const positions = { stdout: this.stdout.position, stderr: this.stderr.position };
    this.#rememberedAtMs = Date.now();
    this.#rememberedBytes = this.#rawBytes;
    try {
      await writeOutputCursor(this.#logs, output.attempt ?? 1, { version: 1, ...positions, resume });
    } catch (error) {
      if (!isFull(error)) throw error;
    }
  }

  close(): void {
    this.stdout.close();
    this.stderr.close();
  }

  get #rawBytes(): number {
    return this.stdout.rawBytes + this.stderr.rawBytes;
  }

  /** Repeats what a full disk refuses: the program goes on meanwhile, and its output is kept where it is read from. */
  async #persistently<T>(work: () => T | Promise<T>): Promise<T> {
    for (let endedAtMs: number | null = null; ; ) {
      try {
        const result = await work();
        if (this.#isFull) this.#tell('The output of the program is written again: there is room on the disk.');
        this.#isFull = false;
        return result;
      } catch (error) {
        if (!isFull(error)) throw error;
        const problem = errorMessage(error).replace(/\.$/, '');
        if (!this.#isFull) {
          this.#tell(
            `The output of the program waits for room on the disk of the run folder, and the program goes on: ${problem}.`,
          );
        }
        this.#isFull = true;
        if (endedAtMs === null && (await this.#options.hasEnded())) endedAtMs = Date.now();
        if (endedAtMs !== null && Date.now() - endedAtMs > fullPatienceMs) {
          const message = `The output of the program cannot be kept whole in ${this.#logs}: ${problem}.`;
          throw new CannotWriteError(message, { hint: 'Make room on that disk.', cause: error });
        }
        await sleep(fullRetryMs, { signal: this.#options.signal });
      }
    }
  }

  #tell(text: string): void {
    this.#options.output.onWarning?.(text);
  }
}

/** Whether the part still holds what was remembered of it: after a loss of power it may not. */
async function isThere(logs: string, stream: OutputStream, { part, size }: OutputPosition): Promise<boolean> {
  try {
    return (await stat(join(logs, outputPartName(stream, part)))).size >= size;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return size === 0;
    throw error;
  }
}

function isFull(error: unknown): boolean {
  const { cause } = error as { readonly cause?: unknown };
  return fullCodes.has(errorCode(error) ?? '') || fullCodes.has(errorCode(cause) ?? '');
}
