import { lstat, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CannotWriteError, errorCode, errorMessage } from '../errors.ts';
import type { InvalidEntry, LogEntry } from '../runlog/index.ts';
import { atomicWriteFile } from '../util/index.ts';
import { parseJson } from '../util/parse-json.ts';
import { makeFolder } from './make-folder.ts';
import { Refusals } from './refusals.ts';
import type { Lane } from './types.ts';

/** `sync/<writer>.json`: how many bytes of the writer's file the server has acknowledged, by lane. */
const syncFile = z.object({
  version: z.literal(1),
  values: z.number().int().nonnegative(),
  files: z.number().int().nonnegative(),
});

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
  #refusals!: Refusals;
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
      if (name.endsWith('.json')) store.#load(name.slice(0, -5), path, await readFile(path, 'utf8'));
    }
    store.#refusals = await Refusals.open(directory, (lane, writer) => store.acknowledged(lane, writer));
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

  /** The first things that were refused for good, as sentences. */
  get refused(): readonly string[] {
    return this.#refusals.named;
  }

  /** How many things were refused for good. */
  get refusedCount(): number {
    return this.#refusals.count;
  }

  /** Moves a lane past lines that needed no sending; written with the next acknowledgement. */
  advance(lane: Lane, offsets: ReadonlyMap<string, number>): void {
    for (const [writer, offset] of offsets) {
      const known = this.#known.get(writer) ?? { values: 0, files: 0 };
      this.#known.set(writer, { ...known, [lane]: Math.max(known[lane], offset) });
      this.#refusals.forgetBefore(lane, writer, offset);
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

  /**
   * Keeps an event that the server will never take; returns the sentence that tells of it, or null where it is kept
   * already. Throws CannotWriteError.
   */
  refuse(entry: LogEntry, reason: string): string | null {
    return this.#refusals.add(entry, reason);
  }

  /** Keeps those lines of a lane that no server can take. Throws CannotWriteError. */
  refuseInvalid(lane: Lane, entries: readonly InvalidEntry[]): void {
    this.#refusals.addInvalid(lane, entries);
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
}

/** Forgets what a server has acknowledged and refused: a stream that is opened then sends everything. */
export async function forgetAcknowledged(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.endsWith('.json') || name.endsWith('.refused.ndjson')) await rm(join(directory, name), { force: true });
  }
}
