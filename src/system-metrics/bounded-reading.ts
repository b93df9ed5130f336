import { errorMessage } from '../errors.ts';
import { sleep } from '../util/sleep.ts';

export interface BoundedReadingOptions<Value> {
  /** What is read, as it begins a sentence: `The container's use`. */
  readonly what: string;
  readonly read: (signal: AbortSignal) => Promise<Value | null>;
  readonly limitMs: number;
  /** Told once why there is nothing to read, as a sentence. */
  readonly onProblem: (text: string) => void;
}

/**
 * A reading that may hang (a dead file server, a broken GPU): given up after a time, and not begun again before the one
 * before it has ended, so that such readings never pile up. It never rejects.
 */
export class BoundedReading<Value> {
  readonly #options: BoundedReadingOptions<Value>;
  #isRunning = false;
  #isTold = false;

  constructor(options: BoundedReadingOptions<Value>) {
    this.#options = options;
  }

  /** The value, or null where there is none, in time. */
  async take(signal: AbortSignal): Promise<Value | null> {
    if (this.#isRunning) return null;
    const { read, limitMs } = this.#options;
    const given = new AbortController();
    const forward = (): void => given.abort(signal.reason);
    signal.addEventListener('abort', forward, { once: true });
    this.#isRunning = true;
    const reading = read(given.signal)
      .catch((error: unknown) => this.#tell(signal, errorMessage(error)))
      .finally(() => {
        this.#isRunning = false;
      });
    try {
      const late = sleep(limitMs, { signal: AbortSignal.any([signal, given.signal]) }).then(
        () => 'late' as const,
        () => null,
      );
      const value = await Promise.race([reading, late]);
      if (value !== 'late') return value;
      return this.#tell(signal, `it did not answer in ${limitMs / 1000} s`);
    } finally {
      signal.removeEventListener('abort', forward);
      given.abort(new Error('the reading was given up'));
    }
  }

  #tell(signal: AbortSignal, reason: string): null {
    if (!this.#isTold && !signal.aborted) {
      this.#isTold = true;
      this.#options.onProblem(`${this.#options.what} could not be read: ${reason.replace(/\.$/, '')}.`);
    }
    return null;
  }
}
