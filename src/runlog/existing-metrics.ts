import { closeSync, openSync, readSync } from 'node:fs';
import { parseLine } from './parse.ts';
import type { RunLogEvent } from './schema.ts';

const metricOnly: ReadonlySet<RunLogEvent['type']> = new Set(['metric']);
const chunkBytes = 1024 * 1024;

/** Which (key, step) a writer's file holds already, told apart by dataset and model. */
export class ExistingMetrics {
  readonly #steps = new Map<string, Set<number>>();

  /** Reads the whole file, once, before training begins. */
  static read(path: string): ExistingMetrics {
    const existing = new ExistingMetrics();
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

  has(key: string, step: number, of: { readonly dataset?: string; readonly model?: string } = {}): boolean {
    return this.#steps.get(identity(key, of))?.has(step) === true;
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
    const parsed = parseLine(bytes, metricOnly);
    if (parsed.kind !== 'event' || parsed.event.type !== 'metric') return;
    const name = identity(parsed.event.key, parsed.event);
    const steps = this.#steps.get(name) ?? new Set();
    steps.add(parsed.event.step);
    this.#steps.set(name, steps);
  }
}

function identity(key: string, of: { readonly dataset?: string; readonly model?: string }): string {
  return `${key}\0${of.dataset ?? ''}\0${of.model ?? ''}`;
}
