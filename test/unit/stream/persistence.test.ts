import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { type HttpError, MlflowApiError } from '../../../src/mlflow/index.ts';
import { kindOfFailure, kindOfUploadFailure } from '../../../src/stream/failure.ts';
import { Persistence, pauseMs } from '../../../src/stream/persistence.ts';

function failure(status: number | null, isRetryable = false, retryAfterMs: number | null = null): HttpError {
  return new MlflowApiError(`answered ${status}`, {
    method: 'POST',
    url: 'http://server',
    status,
    isRetryable,
    retryAfterMs,
    errorCode: null,
  });
}

describe('kindOfFailure', () => {
  it.each([
    ['request', failure(400)],
    ['request', failure(413)],
    ['passing', failure(400, true)],
    ['passing', failure(401)],
    ['passing', failure(403)],
    ['passing', failure(404)],
    ['passing', failure(503, true)],
    ['passing', failure(null, true)],
    ['unclear', failure(500)],
    ['request', new UsageError('no such file')],
    ['request', Object.assign(new Error('gone'), { code: 'ENOENT' })],
    ['passing', Object.assign(new Error('disk'), { code: 'EIO' })],
  ])('is "%s" for %s', (kind, error) => {
    expect(kindOfFailure(error)).toBe(kind);
  });
});

describe('pauseMs', () => {
  const pauses = (error: unknown) => [0, 3, 20].map((failures) => pauseMs(failures, error, () => 1));

  it('doubles from a quarter of a second to 15 s', () => {
    expect(pauses(failure(503, true))).toEqual([250, 2000, 15_000]);
  });

  it('is at least what the server asks for, up to two minutes', () => {
    expect(pauses(failure(503, true, 3000))).toEqual([3000, 3000, 15_000]);
    expect(pauses(failure(429, true, 3_600_000))).toEqual([120_000, 120_000, 120_000]);
  });
});

describe('kindOfUploadFailure', () => {
  it.each([
    ['unclear', failure(403)],
    ['unclear', failure(404)],
    ['unclear', failure(500)],
    ['unclear', Object.assign(new Error('read-only'), { code: 'EROFS' })],
    ['unclear', Object.assign(new Error('full'), { code: 'ENOSPC' })],
    ['passing', failure(401)],
    ['passing', failure(503, true)],
    ['passing', failure(null, true)],
    ['request', failure(413)],
  ])('is "%s" for %s: no store that is closed is waited for for ever', (kind, error) => {
    expect(kindOfUploadFailure(error)).toBe(kind);
  });
});

describe('Persistence', () => {
  const never = new AbortController().signal;

  it('tries again what may pass, tells once when it begins and once when it is over', async () => {
    const told: string[] = [];
    const persistence = new Persistence((text) => told.push(text));
    const seen: (string | null)[] = [];
    const result = await persistence.keepTrying(async (failures) => {
      seen.push(persistence.lastError);
      if (failures < 2) throw failure(503, true);
      return 'done';
    }, never);
    expect(result).toBe('done');
    expect(seen).toEqual([null, 'answered 503', 'answered 503']);
    expect(persistence.lastError).toBeNull();
    expect(told).toEqual([expect.stringMatching(/takes nothing at the moment.*503/), expect.stringMatching(/again/)]);
  });

  it('throws at once what will never be taken', async () => {
    let attempts = 0;
    const persistence = new Persistence(() => undefined);
    const attempt = persistence.keepTrying(async () => {
      attempts += 1;
      throw failure(400);
    }, never);
    await expect(attempt).rejects.toThrow('answered 400');
    expect(attempts).toBe(1);
  });

  it('ends a pause with the reason it is stopped for', async () => {
    const stop = new AbortController();
    const persistence = new Persistence(() => stop.abort(new Error('enough')));
    const attempt = persistence.keepTrying(() => Promise.reject(failure(503, true)), stop.signal);
    await expect(attempt).rejects.toThrow('enough');
    expect(persistence.lastError).toBeNull();
  });
});
