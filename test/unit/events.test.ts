import { expect, test } from 'vitest';
import { parseLaunchEvent } from '../../src/event-schema.ts';
import { type LaunchEvent, type LaunchEventBody, launchEventLine } from '../../src/events.ts';
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

const registered = {
  type: 'registered',
  mlflowRunId: 'abc',
  experimentId: '1',
  runName: 'brave-otter',
  url: 'http://localhost:5000/#/experiments/1/runs/abc',
  runsUrl: 'http://localhost:5000/#/runs',
  chartsUrl: 'http://localhost:5000/#/charts',
} as const;

test.each<LaunchEventBody>([
  { type: 'step-started', id: 'image', title: 'making the image' },
  { type: 'step-progress', id: 'image', text: 'npm ci', line: 'Step 3/9 : RUN npm ci' },
  { type: 'step-finished', id: 'image', title: 'image made', durationMs: 12, reused: true },
  { type: 'step-failed', id: 'image', title: 'making the image', durationMs: 12 },
  { type: 'notice', text: 'a' },
  { type: 'warning', text: 'b' },
  { type: 'detail', text: 'c' },
  { type: 'debug', text: 'd' },
  { type: 'state', state: 'running' },
  registered,
  { type: 'output', stream: 'stderr', line: 'e' },
  { type: 'metric', key: 'loss', value: Number.NaN, step: 3 },
  { type: 'progress', stage: 'epoch 1/3', done: 1, total: 9, unit: 'images' },
  { type: 'model', name: 'cells', version: '3', modelId: null },
  { type: 'failure', message: 'It failed.', hint: 'Try again.' },
  { type: 'result', result: finished },
])('an event of the type $type is read as it was written', (body) => {
  const event = { timeMs: 1, ...body } as LaunchEvent;
  expect(parseLaunchEvent(launchEventLine(event))).toEqual(event);
});

test.each([
  { type: 'result' },
  { type: 'result', result: null },
  { type: 'result', result: { ...finished, metrics: 'none' } },
  { type: 'result', result: { ...finished, primaryMetric: { key: 'loss' } } },
  { type: 'step-finished', id: 'image', title: 'image made' },
  { type: 'state', state: 'asleep' },
  { ...registered, url: 'nowhere' },
  { type: 'output', stream: 'stdout', line: 7 },
  { type: 'warning' },
  { type: 'unheard-of' },
  { type: 'toString' },
])('a line of the program that is no whole event is none: %j', (body) => {
  expect(parseLaunchEvent(JSON.stringify({ timeMs: 1, ...body }))).toBeNull();
});

test.each(['', '{', 'Error: at', '{"type":"notice"}'])('the line %j holds no event', (line) => {
  expect(parseLaunchEvent(line)).toBeNull();
});
