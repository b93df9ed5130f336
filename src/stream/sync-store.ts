import { closeSync, fsyncSync, writeFileSync } from 'node:fs';
import { lstat, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CannotWriteError, errorCode, errorMessage } from '../errors.ts';
import type { LogEntry } from '../runlog/index.ts';
import { atomicWriteFile, openForAppend } from '../util/index.ts';
import { makeFolder } from './make-folder.ts';
import type { Lane } from './types.ts';

/** `sync/<writer>.json`: how many bytes of the writer's file the server has acknowledged, by lane. */
const syncFile = z.object({
  version: z.literal(1),
  values: z.number().int().nonnegative(),
  files: z.number().int().nonnegative(),
});

/** One line of `sync/<writer>.refused.ndjson`: an event the server will never take, with its reason. */
const refusedLine = z.object({ offset: z.number().int(), reason: z.string(), event: z.unknown() });

type Offsets = Record<Lane, number>;

/**
 * The durable memory of a stream. It is written after the server answered, so what it says is a lower bound: whatever
 * lies behind an offset may be on the server already and is sent so that sending it twice does no harm.
 */
export class SyncStore {
  readonly #directory: string;
  readonly #onWarning: (text: string) => void;
  readonly #known = new Map<string, Offsets>();
  readonly #saved = new Map<string, string>();
  readonly #refused = new Map<string, string>();
  #writing: Promise<void> = Promise.resolve();
  #hasWarned = false;

  private constructor(directory: string, onWarning: (text: string) => void) {
    this.#directory = directory;
    this.#onWarning = onWarning;
  }

  /** Reads the folder `sync` of a run, making it where it is missing. Throws CannotWriteError where it is a link. */
  static async open(directory: string, onWarning: (text: string) => void): Promise<SyncStore> {
    const store = new SyncStore(directory, onWarning);
    await makeFolder(directory);
    if (!(await lstat(directory)).isDirectory()) {
      throw new CannotWriteError(`Cannot write ${directory}: it is a link, where a folder of the run was expected.`);
    }
    for (const name of await readdir(directory)) {
      const path = join(directory, name);
      if (name.endsWith('.refused.ndjson')) store.#loadRefused(name.slice(0, -15), await readFile(path, 'utf8'));
      else if (name.endsWith('.json')) store.#load(name.slice(0, -5), path, await readFile(path, 'utf8'));
    }
    return store;
  }

  /** True where an earlier stream has acknowledged something. */
  get isResumed(): boolean {
    return this.#known.size > 0;
  }

  /** Bytes of a writer's file that a lane has behind it. */
  acknowledged(lane: Lane, writer: string): number {
    return this.#known.get(writer)?.[lane] ?? 0;
  }

  /** What was refused for good, as sentences. */
  get refused(): readonly string[] {
    return [...this.#refused.values()];
  }

  /** Moves a lane past lines that needed no sending; written with the next acknowledgement. */
  advance(lane: Lane, offsets: ReadonlyMap<string, number>): void {
    for (const [writer, offset] of offsets) {
      const known = this.#known.get(writer) ?? { values: 0, files: 0 };
      this.#known.set(writer, { ...known, [lane]: Math.max(known[lane], offset) });
    }
  }

  /** Moves a lane and writes it down, with fsync and rename. */
  async acknowledge(lane: Lane, offsets: ReadonlyMap<string, number>): Promise<void> {
    this.advance(lane, offsets);
    await this.save();
  }

  /** Writes down what is not written yet. A failure is told once and is no loss: the rest would be sent again. */
  save(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  /** Keeps an event that the server will never take. Returns false where it is kept already. */
  async refuse(entry: LogEntry, reason: string): Promise<boolean> {
    const identity = `${entry.writer}:${entry.offset}`;
    if (this.#refused.has(identity)) return false;
    this.#refused.set(identity, describeRefusal(entry.writer, entry.offset, entry.event, reason));
    const line = `${JSON.stringify({ offset: entry.offset, reason, event: entry.event })}\n`;
    const descriptor = openForAppend(join(this.#directory, `${entry.writer}.refused.ndjson`));
    try {
      writeFileSync(descriptor, line);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    return true;
  }

  async #write(): Promise<void> {
    for (const [writer, { values, files }] of this.#known) {
      const text = `${JSON.stringify({ version: 1, values, files })}\n`;
      if (this.#saved.get(writer) === text) continue;
      try {
        await atomicWriteFile(join(this.#directory, `${writer}.json`), text);
        this.#saved.set(writer, text);
      } catch (error) {
        if (!this.#hasWarned) this.#onWarning(`What arrived cannot be written down: ${errorMessage(error)}.`);
        this.#hasWarned = true;
        if (errorCode(error) === undefined) throw error;
      }
    }
  }

  #load(writer: string, path: string, text: string): void {
    const parsed = parseJson(text);
    const result = syncFile.safeParse(parsed);
    if (!result.success) {
      this.#onWarning(`${path} is damaged: the run log of ${writer} is sent from its beginning.`);
      return;
    }
    this.#known.set(writer, { values: result.data.values, files: result.data.files });
    this.#saved.set(writer, text);
  }

  #loadRefused(writer: string, text: string): void {
    for (const line of text.split('\n')) {
      const result = refusedLine.safeParse(parseJson(line));
      // A line torn by a crash is written again when the event is refused again.
      if (!result.success) continue;
      const { offset, event, reason } = result.data;
      this.#refused.set(`${writer}:${offset}`, describeRefusal(writer, offset, event, reason));
    }
  }
}

/** Forgets what a server has acknowledged and refused: a stream that is opened then sends everything. */
export async function forgetAcknowledged(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.endsWith('.json') || name.endsWith('.refused.ndjson')) await rm(join(directory, name), { force: true });
  }
}

function describeRefusal(writer: string, offset: number, event: unknown, reason: string): string {
  const { type, key, path, name } = event as Record<string, unknown>;
  return `${String(type)} "${String(key ?? path ?? name ?? '')}" (${writer}, byte ${offset}): ${reason}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
