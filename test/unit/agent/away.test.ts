import { expect, it } from 'vitest';
import { isAway, withOfflineHint } from '../../../src/agent/away.ts';
import { type SlipwayError, UnavailableError, UsageError } from '../../../src/errors.ts';
import { ConnectionError, HttpError } from '../../../src/mlflow/index.ts';

const request = { method: 'GET', url: 'http://x', isRetryable: false };
const connection = (failure: ConnectionError['failure']): Error =>
  new ConnectionError(`failed: ${failure}`, failure, { ...request, status: null });
const answer = (status: number): Error => new HttpError(`answered ${status}`, { ...request, status });

it.each([
  ...(['refused', 'unknown-host', 'unreachable', 'timeout', 'broken'] as const).map(connection),
  ...[429, 500, 502, 503, 504].map(answer),
])('a server of which is told "$message" is away, however that is explained', (error) => {
  expect(isAway(error)).toBe(true);
  expect(isAway(new UnavailableError('The server does not answer.', { cause: error }))).toBe(true);
});

it.each([
  ...(['tls', 'not-http'] as const).map(connection),
  ...[400, 401, 403, 404, 501].map(answer),
  new UsageError('The experiment is deleted.'),
  new Error('a defect'),
])('"$message" is no word of a server that is away', (error) => {
  expect(isAway(error)).toBe(false);
  expect(withOfflineHint(error)).toBe(error);
});

it('a run that ends for a server that is away is told what would have let it begin, after what was to be told', () => {
  const told = withOfflineHint(new UnavailableError('It is away.', { hint: 'Is it started?', cause: answer(503) }));
  expect(told).toMatchObject({ message: 'It is away.', exitCode: 69 });
  expect((told as SlipwayError).hint).toMatch(/^Is it started\? .*--offline-ok/);
});
