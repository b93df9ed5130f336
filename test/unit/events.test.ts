import { expect, test } from 'vitest';
import { type LaunchEvent, launchEventLine, parseLaunchEvent } from '../../src/events.ts';
import { finished } from './report/fake-stream.ts';

test('a result keeps numbers that JSON does not have', () => {
  const result = {
    ...finished,
    metrics: { loss: Number.NaN, val_loss: Number.POSITIVE_INFINITY, accuracy: 0.5 },
    primaryMetric: { key: 'val_loss', values: [0.5, Number.NaN, Number.NEGATIVE_INFINITY] },
  };
  const event: LaunchEvent = { timeMs: 1, type: 'result', result };
  expect(parseLaunchEvent(launchEventLine(event))).toEqual(event);
});

test('a result that an earlier version wrote is read, too', () => {
  const { primaryMetric: _, ...older } = finished;
  const line = JSON.stringify({ timeMs: 1, type: 'result', result: older });
  expect(parseLaunchEvent(line)).toMatchObject({ result: { status: 'FINISHED', primaryMetric: null } });
});

test.each(['', '{', 'Error: at', '{"type":"notice"}'])('the line %j holds no event', (line) => {
  expect(parseLaunchEvent(line)).toBeNull();
});
