import { setTimeout as wait } from 'node:timers/promises';

/** Waits; rejects with the signal's reason when it is aborted. Leaves neither timer nor listener behind. */
export async function sleep(durationMs: number, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
  options.signal?.throwIfAborted();
  try {
    await wait(durationMs, undefined, options);
  } catch (error) {
    // Node wraps the reason in an AbortError of its own; callers compare the reason.
    options.signal?.throwIfAborted();
    throw error;
  }
}
