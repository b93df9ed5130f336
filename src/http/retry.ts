import { sleep } from '../util/sleep.ts';
import { HttpError } from './errors.ts';

/**
 * What may be sent again: `safe` requests after any failure that can pass, `unsent` ones only where the server
 * certainly did not act (refused connection, 429), because acting twice would make two things.
 */
export type RetryPolicy = 'safe' | 'unsent' | 'never';

/** How a request is repeated after a failure that may pass. */
export interface RetryRules {
  /** How often a request is sent again at most; 0 sends once. */
  readonly maximumRetries: number;
  /** The delay before the first repetition; it doubles with each. */
  readonly baseDelayMs: number;
  /** No delay between repetitions is longer. */
  readonly maximumDelayMs: number;
}

export const defaultRetryRules: RetryRules = { maximumRetries: 5, baseDelayMs: 250, maximumDelayMs: 30_000 };

/** A server may ask for a longer pause than our own limit, up to this. */
const longestRetryAfterMs = 120_000;

/** How often a request is repeated after a failure that explains nothing and may last for ever. */
const unclearRepetitions = 2;

/** Runs `attempt` and repeats it by the rules; a failure that must not be repeated is thrown as it is. */
export async function withRetry<T>(
  attempt: () => Promise<T>,
  policy: RetryPolicy,
  rules: RetryRules,
  signal?: AbortSignal,
): Promise<T> {
  for (let repetition = 0; ; repetition += 1) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      signal?.throwIfAborted();
      if (repetition >= rules.maximumRetries || !mayRepeat(error, policy, repetition)) throw error;
      await sleep(retryDelayMs(repetition, rules, error), signal === undefined ? {} : { signal });
    }
  }
}

/** The pause before repetition `repetition` (from 0): exponential with jitter between half and all of it, or what the server asks for. */
export function retryDelayMs(repetition: number, rules: RetryRules, error?: unknown, random = Math.random): number {
  const exponential = Math.min(rules.maximumDelayMs, rules.baseDelayMs * 2 ** repetition);
  const jittered = exponential * (0.5 + 0.5 * random());
  const asked = error instanceof HttpError ? error.retryAfterMs : null;
  return asked === null ? jittered : Math.max(jittered, Math.min(asked, longestRetryAfterMs));
}

/** Milliseconds a `Retry-After` header asks for (seconds or an HTTP date), or null where it says nothing usable. */
export function parseRetryAfter(header: string | undefined, nowMs = Date.now()): number | null {
  if (header === undefined || header.trim() === '') return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const dateMs = Date.parse(header);
  return Number.isNaN(dateMs) ? null : Math.max(0, dateMs - nowMs);
}

function mayRepeat(error: unknown, policy: RetryPolicy, repetition: number): boolean {
  if (!(error instanceof HttpError) || policy === 'never') return false;
  if (policy === 'unsent') return error.isRetryable && error.isUnsent;
  return error.isRetryable || (error.isUnclear && repetition < unclearRepetitions);
}
