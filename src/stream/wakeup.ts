/** Lets several wait for something that one changes: each looks again whenever it is told that something moved. */
export class Wakeup {
  readonly #waiting = new Set<() => void>();

  /** Makes everyone that waits look again. */
  notify(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Resolves once `holds` is true, which is asked now and after every notification; rejects with the signal's reason. */
  until(holds: () => boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (end: () => void): void => {
        this.#waiting.delete(look);
        signal.removeEventListener('abort', abort);
        end();
      };
      const abort = (): void => settle(() => reject(signal.reason));
      const look = (): void => {
        if (holds()) settle(resolve);
      };
      if (signal.aborted) return abort();
      this.#waiting.add(look);
      signal.addEventListener('abort', abort);
      look();
    });
  }
}
