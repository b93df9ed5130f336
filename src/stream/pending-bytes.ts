import { statSync } from 'node:fs';
import { join } from 'node:path';
import { listWritersSync, writerFileName } from '../runlog/index.ts';
import type { SyncStore } from './sync-store.ts';

/** Bytes of the run log that one of the lanes has not behind it. */
export function pendingBytes(eventsDirectory: string, store: SyncStore | null): number {
  let sum = 0;
  for (const writer of listWritersSync(eventsDirectory)) {
    const { size } = statSync(join(eventsDirectory, writerFileName(writer)));
    const acknowledged =
      store === null ? 0 : Math.min(store.acknowledged('values', writer), store.acknowledged('files', writer));
    sum += Math.max(0, size - acknowledged);
  }
  return sum;
}
