import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** One line of a run log that is a JSON object, as it stands there. */
export type WrittenEvent = Readonly<Record<string, unknown>>;

/** What a run log holds, read without any code of the product. */
export interface WrittenLog {
  readonly metrics: readonly WrittenEvent[];
  readonly others: readonly WrittenEvent[];
}

/** Reads a run log line by line; what is no JSON object is no value, and the longest lines are not kept. */
export async function readWritten(eventsFolder: string): Promise<WrittenLog> {
  const metrics: WrittenEvent[] = [];
  const others: WrittenEvent[] = [];
  const names = existsSync(eventsFolder) ? readdirSync(eventsFolder).filter((name) => name.endsWith('.ndjson')) : [];
  for (const name of names) {
    for await (const line of lines(join(eventsFolder, name))) {
      const event = parse(line);
      if (event === null) continue;
      (event.type === 'metric' ? metrics : others).push(event);
    }
  }
  return { metrics, others };
}

async function* lines(file: string): AsyncGenerator<string, void, void> {
  let rest = '';
  for await (const chunk of createReadStream(file, 'utf8')) {
    const parts = (rest + String(chunk)).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
  if (rest !== '') yield rest;
}

function parse(line: string): WrittenEvent | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as WrittenEvent) : null;
  } catch {
    return null;
  }
}

/** MLflow keeps infinities as the largest numbers there are. */
const largest = Number.MAX_VALUE;

/** What makes a value one: two with the same identity are the same value. */
export function identityOf(key: unknown, step: unknown, timeMs: unknown, value: unknown): string {
  const number = Number(value);
  const stored = Number.isNaN(number) ? 'NaN' : String(Math.max(-largest, Math.min(largest, number)));
  return JSON.stringify([key, step, timeMs, stored]);
}

export function identityOfEvent({ key, step, time_ms, value }: WrittenEvent): string {
  return identityOf(key, step, time_ms, value);
}
