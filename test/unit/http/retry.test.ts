import { describe, expect, it } from 'vitest';
import { HttpError, type HttpErrorOptions } from '../../../src/http/errors.ts';
import { parseRetryAfter, retryDelayMs, withRetry } from '../../../src/http/retry.ts';

const rules = { maximumRetries: 3, baseDelayMs: 1, maximumDelayMs: 4 };

function failure(options: Partial<HttpErrorOptions>): HttpError {
  return new HttpError('no', { method: 'GET', url: 'http://host/', status: 503, isRetryable: false, ...options });
}

/** Fails with the given errors one after the other, then answers `done`. */
function failing(...errors: unknown[]) {
  const attempts = { count: 0 };
  const attempt = async () => {
    const error = errors[attempts.count];
    attempts.count += 1;
    if (error !== undefined) throw error;
    return 'done';
  };
  return { attempts, attempt };
}

describe('withRetry', () => {
  it('repeats a safe request until it succeeds', async () => {
    const { attempt, attempts } = failing(failure({ isRetryable: true }), failure({ isRetryable: true }));
    expect(await withRetry(attempt, 'safe', rules)).toBe('done');
    expect(attempts.count).toBe(3);
  });

  it('throws a failure that cannot pass as it is, at once', async () => {
    const error = failure({ isRetryable: false });
    const { attempt, attempts } = failing(error);
    await expect(withRetry(attempt, 'safe', rules)).rejects.toBe(error);
    expect(attempts.count).toBe(1);
  });

  it('throws the last failure when the repetitions are used up', async () => {
    const errors = Array.from({ length: 5 }, () => failure({ isRetryable: true }));
    const { attempt, attempts } = failing(...errors);
    await expect(withRetry(attempt, 'safe', rules)).rejects.toBe(errors[3]);
    expect(attempts.count).toBe(4);
  });

  it('repeats a safe request twice after failures that explain nothing', async () => {
    const passing = failing(failure({ isUnclear: true }), failure({ isUnclear: true }));
    expect(await withRetry(passing.attempt, 'safe', rules)).toBe('done');
    const lasting = failing(...Array.from({ length: 4 }, () => failure({ isUnclear: true })));
    await expect(withRetry(lasting.attempt, 'safe', rules)).rejects.toThrow('no');
    const creation = failing(failure({ isUnclear: true }));
    await expect(withRetry(creation.attempt, 'unsent', rules)).rejects.toThrow('no');
    expect([lasting.attempts.count, creation.attempts.count]).toEqual([3, 1]);
  });

  it('repeats an "unsent" request only where the server did not act', async () => {
    const unclear = failing(failure({ isRetryable: true, isUnsent: false }));
    await expect(withRetry(unclear.attempt, 'unsent', rules)).rejects.toThrow('no');
    expect(unclear.attempts.count).toBe(1);
    const refused = failing(failure({ isRetryable: true, isUnsent: true }));
    expect(await withRetry(refused.attempt, 'unsent', rules)).toBe('done');
  });

  it('never repeats a request marked "never", nor an error of another kind', async () => {
    const never = failing(failure({ isRetryable: true, isUnsent: true }));
    await expect(withRetry(never.attempt, 'never', rules)).rejects.toThrow('no');
    const defect = failing(new TypeError('defect'));
    await expect(withRetry(defect.attempt, 'safe', rules)).rejects.toThrow('defect');
    expect([never.attempts.count, defect.attempts.count]).toEqual([1, 1]);
  });

  it('ends a pause when the signal is aborted, with its reason', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const { attempt, attempts } = failing(failure({ isRetryable: true, retryAfterMs: 60_000 }));
    const result = withRetry(attempt, 'safe', rules, controller.signal);
    setTimeout(() => controller.abort(reason), 20);
    await expect(result).rejects.toBe(reason);
    expect(attempts.count).toBe(1);
  });
});

describe('retryDelayMs', () => {
  const exact = { maximumRetries: 9, baseDelayMs: 100, maximumDelayMs: 1000 };

  it('doubles up to the limit, with jitter between half and all of it', () => {
    const most = [0, 1, 2, 3, 4, 5].map((repetition) => retryDelayMs(repetition, exact, undefined, () => 1));
    expect(most).toEqual([100, 200, 400, 800, 1000, 1000]);
    expect(retryDelayMs(2, exact, undefined, () => 0)).toBe(200);
  });

  it('waits at least as long as the server asks for, up to two minutes', () => {
    expect(retryDelayMs(0, exact, failure({ isRetryable: true, retryAfterMs: 7000 }))).toBe(7000);
    expect(retryDelayMs(0, exact, failure({ isRetryable: true, retryAfterMs: 9e9 }))).toBe(120_000);
  });
});

describe('parseRetryAfter', () => {
  it('reads seconds and dates', () => {
    expect(parseRetryAfter('1.5')).toBe(1500);
    expect(parseRetryAfter('Thu, 01 Jan 1970 00:00:10 GMT', 4000)).toBe(6000);
    expect(parseRetryAfter('Thu, 01 Jan 1970 00:00:10 GMT', 20_000)).toBe(0);
  });

  it('takes an absent or unusable header for no wish', () => {
    expect([parseRetryAfter(undefined), parseRetryAfter(' '), parseRetryAfter('soon')]).toEqual([null, null, null]);
  });
});
