import { join } from 'node:path';
import { LineCursor, type LogLine } from './cursor.ts';
import { type InvalidEvent, type ParsedLine, parseLine } from './parse.ts';
import { maximumLineBytes, type RunLogEvent } from './schema.ts';
import { listWriters, writerFileName } from './writers.ts';

const tooLong = `it is longer than ${maximumLineBytes} bytes; larger things are files`;

/** An event and its identity: the writer's file and the byte offset in it. */
export interface LogEntry {
  readonly writer: string;
  readonly offset: number;
  /** Offset just behind the event's line: acknowledged when the event is. */
  readonly end: number;
  readonly event: RunLogEvent;
}

/** What a program meant to log, and nobody can take: an event that breaks the format, or a line that is too long. */
export interface InvalidEntry {
  readonly writer: string;
  readonly offset: number;
  /** Of the type `line` where it is too long to be read. */
  readonly event: InvalidEvent;
  readonly reason: string;
}

export interface RunLogFollowerOptions {
  /** Where to begin in a writer's file, in bytes; 0 by default. */
  readonly startAt?: (writer: string) => number;
  /** Only events of these types are parsed and given; others are passed over. */
  readonly types?: ReadonlySet<RunLogEvent['type']>;
  /** Told of each line that holds no event, and once of each unknown type and of each writer's file that is no regular one. */
  readonly onWarning?: (text: string) => void;
}

/** What one `read` found. */
export interface FollowedLines {
  readonly entries: readonly LogEntry[];
  /** Lines that are no JSON are none of these: a writer that was killed leaves such a one. */
  readonly invalid: readonly InvalidEntry[];
  /** True where nothing was read because every file is at its end. */
  readonly atEnd: boolean;
}

/** Tails all writers' files of a run log by byte offset; a file that appears later is found. */
export class RunLogFollower {
  readonly #eventsDirectory: string;
  readonly #options: RunLogFollowerOptions;
  readonly #cursors = new Map<string, LineCursor>();
  readonly #unknownTypes = new Set<string>();
  readonly #otherFiles = new Set<string>();

  constructor(eventsDirectory: string, options: RunLogFollowerOptions = {}) {
    this.#eventsDirectory = eventsDirectory;
    this.#options = options;
  }

  /** By writer: how far its file was read, in bytes. */
  get offsets(): ReadonlyMap<string, number> {
    return new Map([...this.#cursors].map(([writer, cursor]) => [writer, cursor.offset]));
  }

  /**
   * The next events of every writer (a chunk of each file, some hundred kilobytes at most), in each file's order.
   * With `final` (no writer is alive any more) a last line without its newline counts.
   */
  async read(options: { readonly final?: boolean } = {}): Promise<FollowedLines> {
    await this.#findWriters();
    const entries: LogEntry[] = [];
    const invalid: InvalidEntry[] = [];
    let atEnd = true;
    for (const [writer, cursor] of this.#cursors) {
      const lines = await cursor.read(options);
      if (lines.length > 0) atEnd = false;
      for (const line of lines) this.#take(writer, line, entries, invalid);
    }
    return { entries, invalid, atEnd };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#cursors.values()].map((cursor) => cursor.close()));
    this.#cursors.clear();
  }

  async #findWriters(): Promise<void> {
    for (const writer of await listWriters(this.#eventsDirectory, (name) => this.#passOver(name))) {
      if (this.#cursors.has(writer)) continue;
      const file = join(this.#eventsDirectory, writerFileName(writer));
      this.#cursors.set(writer, new LineCursor(file, this.#options.startAt?.(writer) ?? 0));
    }
  }

  #passOver(fileName: string): void {
    if (this.#otherFiles.has(fileName)) return;
    this.#otherFiles.add(fileName);
    this.#options.onWarning?.(`Run log: events/${fileName} is passed over, it is not a regular file.`);
  }

  #take(writer: string, line: LogLine, entries: LogEntry[], invalid: InvalidEntry[]): void {
    const parsed: ParsedLine =
      line.bytes === null
        ? { kind: 'invalid', reason: tooLong, event: { type: 'line' } }
        : parseLine(line.bytes, this.#options.types);
    if (parsed.kind === 'event') {
      entries.push({ writer, offset: line.offset, end: line.end, event: parsed.event });
    } else if (parsed.kind === 'invalid') {
      const { event, reason } = parsed;
      if (event !== null) invalid.push({ writer, offset: line.offset, event, reason });
      this.#options.onWarning?.(`Run log ${writer}, byte ${line.offset}: the line is passed over, ${reason}.`);
    } else if (parsed.kind === 'unknown' && !this.#unknownTypes.has(parsed.type)) {
      this.#unknownTypes.add(parsed.type);
      this.#options.onWarning?.(`Run log ${writer}: events of the unknown type "${parsed.type}" are passed over.`);
    }
  }
}
