import { closeSync, openSync, readSync } from 'node:fs';
import { parseLine } from './parse.ts';
import type { RunLogEvent } from './schema.ts';

/** Kinds of events that say nothing new when they are said again. */
const repeatable = ['metric', 'table', 'image', 'param', 'dataset', 'model'] as const satisfies RunLogEvent['type'][];
const repeatableTypes: ReadonlySet<RunLogEvent['type']> = new Set(repeatable);
const chunkBytes = 1024 * 1024;

type Repeatable = Extract<RunLogEvent, { type: (typeof repeatable)[number] }>;

/** What a writer's file holds already, so that a program that goes on does not say it twice. */
export class ExistingEvents {
  readonly #steps = new Map<string, Set<number>>();
  readonly #lines = new Set<string>();

  /** Reads the whole file, once, before the program goes on. */
  static read(path: string): ExistingEvents {
    const existing = new ExistingEvents();
    const descriptor = openSync(path, 'r');
    try {
      let rest: Uint8Array = new Uint8Array(0);
      for (;;) {
        const chunk = Buffer.allocUnsafe(chunkBytes);
        const length = readSync(descriptor, chunk, 0, chunkBytes, null);
        if (length === 0) break;
        rest = existing.#takeLines(Buffer.concat([rest, chunk.subarray(0, length)]));
      }
      // A torn last line that is whole but for its newline was ended by the appender and counts.
      existing.#takeLine(rest);
    } finally {
      closeSync(descriptor);
    }
    return existing;
  }

  hasMetric(key: string, step: number, of: { readonly dataset?: string; readonly model?: string } = {}): boolean {
    return this.#steps.get(metricIdentity(key, of))?.has(step) === true;
  }

  /** Whether an event says what one of the file has said: of tables and pictures, the same key and step. */
  has(event: RunLogEvent): boolean {
    if (!isRepeatable(event)) return false;
    if (event.type === 'metric') return this.hasMetric(event.key, event.step, event);
    return this.#lines.has(identity(event));
  }

  #takeLines(bytes: Uint8Array): Uint8Array {
    let start = 0;
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, start)) {
      this.#takeLine(bytes.subarray(start, end));
      start = end + 1;
    }
    return bytes.subarray(start);
  }

  #takeLine(bytes: Uint8Array): void {
    const parsed = parseLine(bytes, repeatableTypes);
    if (parsed.kind !== 'event' || !isRepeatable(parsed.event)) return;
    const { event } = parsed;
    if (event.type !== 'metric') {
      this.#lines.add(identity(event));
      return;
    }
    const name = metricIdentity(event.key, event);
    const steps = this.#steps.get(name) ?? new Set();
    steps.add(event.step);
    this.#steps.set(name, steps);
  }
}

function isRepeatable(event: RunLogEvent): event is Repeatable {
  return repeatableTypes.has(event.type);
}

function metricIdentity(key: string, of: { readonly dataset?: string; readonly model?: string }): string {
  return `${key}\0${of.dataset ?? ''}\0${of.model ?? ''}`;
}

function identity(event: Exclude<Repeatable, { type: 'metric' }>): string {
  if (event.type === 'table' || event.type === 'image') return `${event.type}\0${event.key}\0${event.step}`;
  return JSON.stringify(event, sortedKeys);
}

/** Keys in one order, whichever they were written in. */
function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
