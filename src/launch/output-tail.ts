import { join } from 'node:path';
import type { LaunchEvent } from '../events.ts';
import { type OutputStream, parseOutputLine } from '../runs/output-log.ts';
import { LineSplitter } from '../util/index.ts';
import { PartsCursor } from './parts-cursor.ts';

/** What is read at a time: who prints faster must not keep everything else from being shown. */
const bytesAtOnce = 1024 * 1024;
/** A view that is further behind passes over what it would never catch up with. */
const longestBacklogBytes = 16 * 1024 * 1024;
const skippedBytesAtOnce = 64 * 1024 * 1024;
/** So long the rest of a line is waited for. */
const unfinishedAfterMs = 10_000;
const newline = 0x0a;

/** An event of the output, and what it is sorted by beside others. */
export interface TailedLine {
  readonly event: LaunchEvent;
  readonly orderMs: number;
}

/** Follows one stream of a program's output; the lines come without the time they are kept with. */
export class OutputTail {
  readonly #logs: string;
  readonly #stream: OutputStream;
  readonly #hidden: string | null;
  readonly #parts: PartsCursor;
  readonly #splitter = new LineSplitter((line) => this.#take(line));
  #lines: TailedLine[] = [];
  #lastMs = 0;
  /** What comes first is the rest of a line: of one that was shown unfinished, or of one that was passed over. */
  #rest: 'shown' | 'passed over' | null = null;
  #unfinished = { length: 0, sinceMs: 0 };
  /** True where there was more than is read at once. */
  #isBehind = false;
  #isPastCut = false;

  /**
   * @param starts Bytes of each part that are passed over, by its path in the run folder.
   * @param hidden A line that is not shown.
   */
  constructor(
    runDirectory: string,
    stream: OutputStream,
    starts: Readonly<Record<string, number>> = {},
    hidden: string | null = null,
  ) {
    this.#logs = join(runDirectory, 'logs');
    this.#stream = stream;
    this.#hidden = hidden;
    this.#parts = new PartsCursor(this.#logs, stream, starts);
  }

  /** Whether some of the past was left out. */
  get isPastCut(): boolean {
    return this.#isPastCut;
  }

  /** Leaves of what is there, and was not read yet, no more than is read at once: its end. */
  cutPast(): void {
    const surplus = this.#parts.backlog() - bytesAtOnce;
    if (surplus <= 0) return;
    this.#parts.passOver(surplus);
    this.#rest = 'passed over';
    this.#isPastCut = true;
  }

  /** What is new, up to a bound. */
  read(nowMs = Date.now()): TailedLine[] {
    this.#lines = [];
    if (this.#isBehind && this.#parts.backlog() > longestBacklogBytes) this.#skip();
    this.#isBehind = this.#parts.read(bytesAtOnce, (chunk) => this.#splitter.write(chunk));
    this.#showUnfinished(nowMs);
    return this.#lines;
  }

  /** The rest, when nothing follows: a last line without an end too. */
  readAll(): TailedLine[] {
    const lines = this.read();
    while (this.#isBehind) lines.push(...this.read());
    this.#lines = [];
    this.#splitter.end();
    return [...lines, ...this.#lines];
  }

  #take(line: string): void {
    const rest = this.#rest;
    this.#rest = null;
    if (rest === 'passed over') return;
    const { timeMs, text } = rest === 'shown' ? { timeMs: this.#lastMs, text: line } : parseOutputLine(line);
    if (timeMs !== null) this.#lastMs = timeMs;
    if (text === this.#hidden || (rest === 'shown' && text === '')) return;
    this.#lines.push({
      event: { timeMs: timeMs ?? Date.now(), type: 'output', stream: this.#stream, line: text },
      orderMs: this.#lastMs,
    });
  }

  /** A progress bar may draw itself for hours in one line: what there is of it is shown now and then. */
  #showUnfinished(nowMs: number): void {
    const { pending } = this.#splitter;
    if (pending === '') {
      this.#unfinished = { length: 0, sinceMs: nowMs };
      return;
    }
    if (this.#unfinished.length === 0) this.#unfinished = { length: pending.length, sinceMs: nowMs };
    if (nowMs - this.#unfinished.sinceMs < unfinishedAfterMs) return;
    this.#splitter.drop();
    // Of a line whose beginning was passed over, too.
    if (this.#rest === 'passed over') this.#rest = null;
    this.#take(pending);
    this.#rest = 'shown';
    this.#unfinished = { length: 0, sinceMs: nowMs };
  }

  /** Passes over all but the last lines, and tells how many. */
  #skip(): void {
    let count = this.#splitter.pending === '' ? 0 : 1;
    let last = newline;
    this.#splitter.drop();
    this.#parts.read(Math.min(skippedBytesAtOnce, this.#parts.backlog() - bytesAtOnce), (chunk) => {
      for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, at + 1)) count += 1;
      last = chunk[chunk.length - 1] ?? last;
    });
    this.#rest = last === newline ? null : 'passed over';
    const text = `… ${count.toLocaleString('en-US')} lines of ${this.#stream} are not shown: they are in ${this.#logs}`;
    this.#lines.push({ event: { timeMs: Date.now(), type: 'notice', text }, orderMs: this.#lastMs });
  }
}
