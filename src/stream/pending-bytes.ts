import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../errors.ts';
import type { SyncStore } from './sync-store.ts';

/** Bytes of the run log that one of the lanes has not behind it. */
export function pendingBytes(eventsDirectory: string, store: SyncStore | null): number {
  let sum = 0;
  for (const name of filesOf(eventsDirectory)) {
    const writer = name.slice(0, -'.ndjson'.length);
    const { size } = statSync(join(eventsDirectory, name));
    const acknowledged =
      store === null ? 0 : Math.min(store.acknowledged('values', writer), store.acknowledged('files', writer));
    sum += Math.max(0, size - acknowledged);
  }
  return sum;
}

function filesOf(eventsDirectory: string): string[] {
  try {
    return readdirSync(eventsDirectory).filter((name) => name.endsWith('.ndjson'));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
