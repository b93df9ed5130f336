import type { LogEntry } from '../runlog/index.ts';
import type { RunPaths } from '../runs/index.ts';
import type { LogWatcher } from './log-watcher.ts';
import type { Persistence } from './persistence.ts';
import type { RunIndex } from './run-index.ts';
import type { SyncStore } from './sync-store.ts';
import type { StreamCheckpoint, StreamOptions } from './types.ts';

/** What the lanes of one stream share. */
export interface LaneContext {
  readonly options: StreamOptions;
  readonly paths: RunPaths;
  readonly store: SyncStore;
  readonly watcher: LogWatcher;
  readonly persistence: Persistence;
  readonly index: RunIndex;
  /** Aborted when the stream is closed. */
  readonly signal: AbortSignal;
  readonly checkpoint: (name: StreamCheckpoint) => void;
  /** Told whenever a lane has moved: for those that wait for it. */
  readonly progressed: () => void;
  readonly warn: (text: string) => void;
  /** Keeps an event that will never be taken, and tells of it once. */
  readonly refuse: (entry: LogEntry, reason: unknown) => Promise<void>;
}

/** Options of every call: one request, one answer; the stream repeats by its own rules. */
export function singleCall(signal: AbortSignal): { signal: AbortSignal; timeoutMs: number; maximumRetries: number } {
  // A repeated batch of a long run takes SQLite up to 20 s.
  return { signal, timeoutMs: 90_000, maximumRetries: 0 };
}
