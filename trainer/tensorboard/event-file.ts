import { type FileHandle, mkdir, open, readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { ProtobufMessage } from '../export/protobuf.ts';
import type { SummaryValue } from './summary.ts';
import { framedRecord } from './tfrecord.ts';

const namePattern = /^events\.out\.tfevents\.(\d+)\./;
/** `event.proto`, SessionLog.SessionStatus. */
const sessionStart = 1;

/**
 * A file of events (`event.proto`), of which TensorBoard shows what it holds so far while it grows. It reads all files of
 * a folder in the order of their names, which begin with the second in which they were begun.
 */
export class EventFile {
  readonly file: string;
  readonly #handle: FileHandle;

  private constructor(file: string, handle: FileHandle) {
    this.file = file;
    this.#handle = handle;
  }

  /**
   * Begins a file behind those that lie in the folder, which is made where it is missing. What these hold of
   * `firstStep` and later ones counts no more: the run that wrote it was interrupted, and does those steps again.
   */
  static async create(directory: string, firstStep: number): Promise<EventFile> {
    await mkdir(directory, { recursive: true });
    const seconds = (await eventFiles(directory)).map((name) => Number(namePattern.exec(name)?.[1]));
    const second = Math.max(Math.floor(Date.now() / 1000), ...seconds.map((before) => before + 1));
    const name = `events.out.tfevents.${String(second).padStart(10, '0')}.${hostname()}.${process.pid}.v2`;
    const file = path.join(directory, name);
    const created = new EventFile(file, await open(file, 'ax'));
    await created.#append(eventMessage(0).string(3, 'brain.Event:2'));
    // In every file: TensorBoard takes the second one that it sees for a restart.
    await created.#append(eventMessage(firstStep).message(7, new ProtobufMessage().integer(1, sessionStart)));
    return created;
  }

  /** Appends the values of a step, and hands them to the system: they outlive this process. */
  async write(step: number, values: readonly SummaryValue[]): Promise<void> {
    if (values.length === 0) return;
    const summary = new ProtobufMessage();
    for (const value of values) summary.message(1, value);
    await this.#append(eventMessage(step).message(5, summary));
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  #append(event: ProtobufMessage): Promise<void> {
    return this.#handle.appendFile(framedRecord(event.toBuffer()));
  }
}

/** The names of the event files of a folder, in the order in which TensorBoard reads them; none where there is no folder. */
export async function eventFiles(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).filter((name) => namePattern.test(name)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function eventMessage(step: number): ProtobufMessage {
  return new ProtobufMessage().double(1, Date.now() / 1000).integer(2, step);
}
