import { closeSync, fstatSync, fsyncSync, ftruncateSync, readSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { InvalidEntry, LogEntry } from '../runlog/index.ts';
import { LineSplitter, openForAppend, openForReading } from '../util/index.ts';
import { parseJson } from '../util/parse-json.ts';
import type { Lane } from './types.ts';

/** One line of `sync/<writer>.refused.ndjson`: an event the server will never take, with its reason. */
const refusedLine = z.object({
  offset: z.number().int(),
  reason: z.string(),
  event: z.looseObject({ type: z.string() }),
});

const fileSuffix = '.refused.ndjson';
const chunkBytes = 64 * 1024;
/** Above the longest event with its reason. */
const longestLine = 4 * 1024 * 1024;
/** So many are held as sentences: of a million values that no server takes, the file alone tells the others. */
const mostNamed = 20;
const newline = 0x0a;
const fileTypes: ReadonlySet<string> = new Set(['artifact', 'table', 'image', 'model']);

type Acknowledged = (lane: Lane, writer: string) => number;

/**
 * What the server has refused for good, and what no server can take: all of it in files beside what is acknowledged, in
 * memory a number, the first ones, and which of those it was that lie behind what is acknowledged, because these may be
 * read once more.
 */
export class Refusals {
  readonly #directory: string;
  /** Offsets of refused events, by lane and writer. */
  readonly #recent = new Map<string, Set<number>>();
  /** Writers whose file ends within a line that a crash has torn. */
  readonly #torn = new Set<string>();
  readonly #named: string[] = [];
  #count = 0;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async open(directory: string, acknowledged: Acknowledged): Promise<Refusals> {
    const refusals = new Refusals(directory);
    for (const name of await readdir(directory)) {
      if (name.endsWith(fileSuffix)) refusals.#read(name.slice(0, -fileSuffix.length), acknowledged);
    }
    return refusals;
  }

  /** The first ones, as sentences. */
  get named(): readonly string[] {
    return this.#named;
  }

  /** How many there are. */
  get count(): number {
    return this.#count;
  }

  /** Keeps an event; returns the sentence that tells of it, or null where it is kept already. Throws CannotWriteError. */
  add({ writer, offset, event }: LogEntry, reason: string): string | null {
    const recent = this.#of(laneOf(event.type), writer);
    if (recent.has(offset)) return null;
    this.#append(writer, `${JSON.stringify({ offset, reason, event })}\n`);
    recent.add(offset);
    return this.#take(writer, offset, event, reason);
  }

  /**
   * Keeps those lines of a lane that no server can take. A program may write a million of them: all of a writer are
   * brought to the disk at once. Throws CannotWriteError.
   */
  addInvalid(lane: Lane, entries: readonly InvalidEntry[]): void {
    const news = entries.filter(
      ({ writer, offset, event }) => laneOf(event.type) === lane && !this.#of(lane, writer).has(offset),
    );
    for (const writer of new Set(news.map((entry) => entry.writer))) {
      const own = news.filter((entry) => entry.writer === writer);
      const lines = own.map(({ offset, reason, event }) => `${JSON.stringify({ offset, reason, event })}\n`);
      this.#append(writer, lines.join(''));
      for (const { offset, event, reason } of own) {
        this.#of(lane, writer).add(offset);
        this.#take(writer, offset, event, reason);
      }
    }
  }

  /** What lies before the offset is not read again. */
  forgetBefore(lane: Lane, writer: string, offset: number): void {
    const recent = this.#recent.get(`${lane} ${writer}`);
    if (recent === undefined || recent.size === 0) return;
    for (const each of recent) if (each < offset) recent.delete(each);
  }

  #append(writer: string, lines: string): void {
    const descriptor = openForAppend(join(this.#directory, `${writer}${fileSuffix}`));
    const { size } = fstatSync(descriptor);
    try {
      writeFileSync(descriptor, `${this.#torn.has(writer) ? '\n' : ''}${lines}`);
      fsyncSync(descriptor);
      this.#torn.delete(writer);
    } catch (error) {
      // A disk that is full may have taken a part of it, and all of it is written again.
      if (!hasCut(descriptor, size)) this.#torn.add(writer);
      throw error;
    } finally {
      closeSync(descriptor);
    }
  }

  #read(writer: string, acknowledged: Acknowledged): void {
    const descriptor = openForReading(join(this.#directory, `${writer}${fileSuffix}`));
    if (descriptor === null) return;
    try {
      const lines = new LineSplitter((line) => this.#load(writer, line, acknowledged), {
        maximumCharacters: longestLine,
      });
      const chunk = Buffer.alloc(chunkBytes);
      let last = newline;
      for (let left = fstatSync(descriptor).size; left > 0; ) {
        const length = readSync(descriptor, chunk, 0, Math.min(left, chunkBytes), null);
        if (length === 0) break;
        lines.write(chunk.subarray(0, length));
        last = chunk[length - 1] ?? newline;
        left -= length;
      }
      if (last !== newline) this.#torn.add(writer);
    } finally {
      closeSync(descriptor);
    }
  }

  #load(writer: string, line: string, acknowledged: Acknowledged): void {
    const parsed = refusedLine.safeParse(parseJson(line));
    // A line torn by a crash is written again when the event is refused again.
    if (!parsed.success) return;
    const { offset, event, reason } = parsed.data;
    const lane = laneOf(event.type);
    if (offset >= acknowledged(lane, writer)) this.#of(lane, writer).add(offset);
    this.#take(writer, offset, event, reason);
  }

  #take(writer: string, offset: number, event: object, reason: string): string {
    const text = describeRefusal(writer, offset, event, reason);
    this.#count += 1;
    if (this.#named.length < mostNamed) this.#named.push(text);
    return text;
  }

  #of(lane: Lane, writer: string): Set<number> {
    const key = `${lane} ${writer}`;
    const known = this.#recent.get(key) ?? new Set<number>();
    this.#recent.set(key, known);
    return known;
  }
}

function laneOf(type: string): Lane {
  return fileTypes.has(type) ? 'files' : 'values';
}

/** Takes off what lies behind; false where the disk does not even take that. */
function hasCut(descriptor: number, size: number): boolean {
  try {
    ftruncateSync(descriptor, size);
    return true;
  } catch {
    return false;
  }
}

function describeRefusal(writer: string, offset: number, event: object, reason: string): string {
  const { type, key, path, name } = event as Record<string, unknown>;
  const named = [key, path, name].find((each) => typeof each === 'string' || typeof each === 'number');
  return `${String(type)}${named === undefined ? '' : ` "${String(named)}"`} (${writer}, byte ${offset}): ${reason}`;
}
