import { setTimeout as wait } from 'node:timers/promises';

/** The longest that a timer of Node waits, 24 days; a longer one fires at once (https://nodejs.org/api/timers.html). */
export const longestTimerMs = 2 ** 31 - 1;

/** Waits, 24 days at most; rejects with the signal's reason when it is aborted. Leaves neither timer nor listener behind. */
export async function sleep(durationMs: number, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
  options.signal?.throwIfAborted();
  try {
    await wait(Math.min(durationMs, longestTimerMs), undefined, options);
  } catch (error) {
    // Node wraps the reason in an AbortError of its own; callers compare the reason.
    options.signal?.throwIfAborted();
    throw error;
  }
}

/** Resolves when the promise has, or after so long; rejects with its reason where it rejects before. Leaves no timer behind. */
export async function waitAtMost(promise: Promise<unknown>, patienceMs: number): Promise<void> {
  const over = new AbortController();
  try {
    await Promise.race([promise, sleep(patienceMs, { signal: over.signal }).catch(() => undefined)]);
  } finally {
    over.abort();
  }
}
