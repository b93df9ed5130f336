/**
 * Works on all items, a few at a time. The first failure stops the others through the signal they are given, and is
 * thrown when they have stopped.
 */
export async function forEachLimit<T>(
  items: readonly T[],
  concurrency: number,
  work: (item: T, index: number, signal: AbortSignal) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const stop = new AbortController();
  const onAbort = () => stop.abort(signal?.reason);
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length && !stop.signal.aborted) {
      const index = next;
      next += 1;
      try {
        await work(items[index]!, index, stop.signal);
      } catch (error) {
        // The first reason wins; what the others throw is its echo.
        stop.abort(error);
      }
    }
  };
  try {
    const count = Math.max(1, Math.min(concurrency, items.length));
    await Promise.all(Array.from({ length: count }, worker));
    stop.signal.throwIfAborted();
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}
