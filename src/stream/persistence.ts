import { HttpError } from '../mlflow/index.ts';
import { sleep } from '../util/index.ts';
import { describeFailure, type FailureKind, kindOfFailure } from './failure.ts';

const firstDelayMs = 250;
const longestDelayMs = 15_000;
/** A server may ask for a longer pause, up to this. */
const longestAskedDelayMs = 120_000;
/** How often something the server answers with a plain 500 is tried before it counts as refused: about two minutes. */
const unclearAttempts = 12;

/** How long a call is repeated whose failures are unclear. */
export interface Patience {
  /** What a failure is about; by default as for any call. */
  readonly kindOf?: (error: unknown) => FailureKind;
  /** How often a call is tried that fails for unclear reasons. */
  readonly attempts?: number;
}

/** Repeats what fails for reasons that pass, for as long as the run's agent lives, and knows what is wrong meanwhile. */
export class Persistence {
  readonly #onWarning: (text: string) => void;
  readonly #failing = new Map<object, string>();
  #hasWarned = false;

  constructor(onWarning: (text: string) => void) {
    this.#onWarning = onWarning;
  }

  /** The last failure that is being retried, or null. */
  get lastError(): string | null {
    return [...this.#failing.values()].at(-1) ?? null;
  }

  /**
   * Runs `attempt` until it succeeds. Throws what will never succeed, and the signal's reason. `attempt` is told how
   * often it failed before.
   */
  async keepTrying<T>(
    attempt: (failures: number) => Promise<T>,
    signal: AbortSignal,
    { kindOf = kindOfFailure, attempts = unclearAttempts }: Patience = {},
  ): Promise<T> {
    const token = {};
    try {
      for (let failures = 0; ; failures += 1) {
        signal.throwIfAborted();
        try {
          const result = await attempt(failures);
          if (this.#failing.delete(token)) this.#recovered();
          return result;
        } catch (error) {
          signal.throwIfAborted();
          const kind = kindOf(error);
          if (kind === 'request' || (kind === 'unclear' && failures + 1 >= attempts)) throw error;
          this.#failed(token, error);
          await sleep(pauseMs(failures, error), { signal });
        }
      }
    } finally {
      this.#failing.delete(token);
    }
  }

  #failed(token: object, error: unknown): void {
    this.#failing.set(token, describeFailure(error));
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    this.#onWarning(
      `The tracking server takes nothing at the moment; everything waits in the run folder. ${describeFailure(error)}`,
    );
  }

  #recovered(): void {
    if (this.#failing.size > 0) return;
    this.#hasWarned = false;
    this.#onWarning('The tracking server takes values again.');
  }
}

/**
 * The pause before the next try, in ms: exponential from a quarter of a second, with jitter between half and all of it;
 * at least what the server asks for.
 */
export function pauseMs(failures: number, error: unknown, random = Math.random): number {
  const usual = Math.min(longestDelayMs, firstDelayMs * 2 ** failures) * (0.5 + random() / 2);
  const asked = error instanceof HttpError ? (error.retryAfterMs ?? 0) : 0;
  return Math.max(usual, Math.min(asked, longestAskedDelayMs));
}
