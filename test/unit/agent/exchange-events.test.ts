import { afterEach, expect, test, vi } from 'vitest';
import { exchangeEvents } from '../../../src/agent/exchange-events.ts';
import type { LaunchEventBody } from '../../../src/events.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

/** What an agent tells of a first try and of a retry. */
function told(): LaunchEventBody[] {
  const events: LaunchEventBody[] = [];
  const tell = exchangeEvents((event) => events.push(event));
  const exchange = { method: 'GET', target: '/a?token=correct-horse', status: 503, failure: null, durationMs: 3 };
  for (const retry of [0, 2]) tell({ ...exchange, sentBytes: 0, receivedBytes: null, retry });
  return events;
}

test('an agent tells of requests that had to be sent again, as a detail', () => {
  vi.stubEnv('SLIPWAY_DEBUG', undefined);
  vi.stubEnv('MLFLOW_TRACKING_TOKEN', undefined);
  expect(told()).toEqual([{ type: 'detail', text: 'GET /a?token=correct-horse  503  3 ms  retry 2' }]);
});

test('an agent that was started to tells of all requests, without secrets', () => {
  vi.stubEnv('SLIPWAY_DEBUG', '1');
  vi.stubEnv('MLFLOW_TRACKING_TOKEN', 'correct-horse');
  expect(told()).toEqual([
    { type: 'debug', text: 'GET /a?token=***  503  3 ms' },
    { type: 'debug', text: 'GET /a?token=***  503  3 ms  retry 2' },
  ]);
});
