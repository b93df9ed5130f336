import { mkdirSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../errors.ts';
import { AppendFile } from './append-file.ts';
import { runLogEventsDirectory } from './directory.ts';
import { ExistingEvents } from './existing-events.ts';
import {
  type DatasetEvent,
  type ModelEvent,
  maximumLineBytes,
  metricEvent,
  type RunLogEvent,
  runLogEvent,
} from './schema.ts';
import { encodeMetricValue } from './values.ts';
import { writerFileName } from './writers.ts';

export interface RunLogAppenderOptions {
  /**
   * For a program that goes on where it was interrupted: leave out what this writer's file said when it was opened, which
   * is a metric, table or picture of the same key and step, and the same parameter, data set or model.
   */
  readonly skipExisting?: boolean;
}

export interface MetricOptions {
  /** When it was measured, milliseconds since 1970; now by default. */
  readonly timeMs?: number;
  /** Name of a dataset event: the data the value was measured on. */
  readonly dataset?: string;
  /** Name of a model event, or the id of a logged model. */
  readonly model?: string;
}

/**
 * Writes one writer's file of the run log. Nothing here waits for a network: events are put on the file in whole
 * lines, at the latest 50 ms after the current turn of the event loop, on close, and on the process's exit.
 * Every method throws UsageError for an event the contract does not allow and CannotWriteError for a full disk.
 */
export class RunLogAppender {
  readonly #runDirectory: string;
  readonly #file: AppendFile;
  readonly #existing: ExistingEvents | null;
  readonly #metricPrefixes = new Map<string, string>();

  private constructor(runDirectory: string, file: AppendFile, existing: ExistingEvents | null) {
    this.#runDirectory = runDirectory;
    this.#file = file;
    this.#existing = existing;
  }

  /** Opens `<run folder>/events/<writer>.ndjson` for append; one appender a writer at any time. */
  static open(runDirectory: string, writer: string, options: RunLogAppenderOptions = {}): RunLogAppender {
    const directory = runLogEventsDirectory(runDirectory);
    const path = join(directory, writerFileName(writer));
    mkdirSync(directory, { recursive: true });
    const file = AppendFile.open(path);
    const existing = options.skipExisting === true ? ExistingEvents.read(path) : null;
    return new RunLogAppender(runDirectory, file, existing);
  }

  /** Appends one value. Returns false where it was left out because it is there already. */
  metric(key: string, value: number, step: number, options: MetricOptions = {}): boolean {
    if (this.#existing?.hasMetric(key, step, options) === true) return false;
    if (!Number.isSafeInteger(step)) {
      throw new UsageError(`The step of metric "${key}" must be an integer, not ${step}.`);
    }
    const timeMs = options.timeMs ?? Date.now();
    const prefix = this.#metricPrefixes.get(key) ?? this.#metricPrefix(key);
    const number = Number.isFinite(value) ? String(value) : `"${encodeMetricValue(value)}"`;
    let line = `${prefix}${number},"step":${step},"time_ms":${timeMs}`;
    if (options.dataset !== undefined) line += `,"dataset":${JSON.stringify(options.dataset)}`;
    if (options.model !== undefined) line += `,"model":${JSON.stringify(options.model)}`;
    this.#file.append(`${line}}\n`);
    return true;
  }

  param(key: string, value: string | number | boolean): void {
    this.append({ v: 1, type: 'param', key, value: String(value) });
  }

  tag(key: string, value: string): void {
    this.append({ v: 1, type: 'tag', key, value });
  }

  /** A file or folder of the run folder, absolute or relative to it; `to` is its artifact path. */
  artifact(path: string, to?: string): void {
    this.append({ v: 1, type: 'artifact', path: this.#relative(path), ...(to === undefined ? {} : { to }) });
  }

  /** A JSON file `{"columns": […], "data": [[…]]}`, shown as a table. */
  table(key: string, path: string, step: number, timeMs = Date.now()): void {
    this.append({ v: 1, type: 'table', key, path: this.#relative(path), step, time_ms: timeMs });
  }

  /** A picture, shown with a slider over the steps. */
  image(key: string, path: string, step: number, timeMs = Date.now()): void {
    this.append({ v: 1, type: 'image', key, path: this.#relative(path), step, time_ms: timeMs });
  }

  dataset(dataset: Omit<DatasetEvent, 'v' | 'type'>): void {
    this.append({ v: 1, type: 'dataset', ...dataset });
  }

  /** A model folder, complete on disk, with its MLmodel. */
  model(model: Omit<ModelEvent, 'v' | 'type'>): void {
    this.append({ v: 1, type: 'model', ...model, path: this.#relative(model.path) });
  }

  progress(stage: string, done: number, total: number, unit: string): void {
    this.append({ v: 1, type: 'progress', stage, done, total, unit, time_ms: Date.now() });
  }

  /** What the program thinks of its own end; the exit code decides. */
  end(status: 'FINISHED' | 'FAILED' | 'KILLED', reason?: string): void {
    this.append({ v: 1, type: 'end', status, ...(reason === undefined ? {} : { reason }) });
    this.flush();
  }

  append(event: RunLogEvent): void {
    const result = runLogEvent.safeParse(event);
    if (!result.success) {
      throw new UsageError(`The run log takes no such ${event.type} event: ${z.prettifyError(result.error)}.`);
    }
    if (this.#existing?.has(event) === true) return;
    const line = JSON.stringify(event);
    if (Buffer.byteLength(line) > maximumLineBytes) {
      throw new UsageError(`A ${event.type} event of ${Buffer.byteLength(line)} bytes is too long for the run log.`, {
        hint: `An event has at most ${maximumLineBytes} bytes: put larger things into files below the run folder.`,
      });
    }
    this.#file.append(`${line}\n`);
  }

  /** Puts everything appended so far on the file. */
  flush(): void {
    this.#file.flush();
  }

  /** Flushes, and waits until it is on the disk: for what must not be newer than the log. */
  sync(): void {
    this.#file.sync();
  }

  /** Flushes and closes; nothing can be appended afterwards. */
  close(): void {
    this.#file.close();
  }

  #metricPrefix(key: string): string {
    const result = metricEvent.shape.key.safeParse(key);
    if (!result.success) throw new UsageError(`"${key}" cannot name a metric: ${z.prettifyError(result.error)}.`);
    const prefix = `{"v":1,"type":"metric","key":${JSON.stringify(key)},"value":`;
    this.#metricPrefixes.set(key, prefix);
    return prefix;
  }

  #relative(path: string): string {
    return isAbsolute(path) ? relative(this.#runDirectory, path) || '.' : path;
  }
}
