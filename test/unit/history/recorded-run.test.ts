import { expect, test } from 'vitest';
import { toRecordedRun } from '../../../src/history/index.ts';
import { serverRun } from './recorded.ts';

const uri = 'http://mlflow.example';

test('a run of Slipway is read with what its tags say', () => {
  const tags = {
    'slipway.id': '20261125-203934-cje0',
    'slipway.reason': 'the program exited with code 3',
    'slipway.engine': 'docker',
    'slipway.host': 'box-3',
    'mlflow.user': 'ada',
    'mlflow.source.git.commit': 'b7ffa8',
    'mlflow.source.git.dirty': 'true',
    'mlflow.docker.image.uri': 'malaria:b7ffa8',
    gpu: 'none',
  };
  const run = toRecordedRun(
    serverRun({
      tags,
      info: { status: 'FAILED' },
      metrics: { loss: Number.NaN, 'system/cpu_utilization_percentage': 3 },
    }),
    uri,
    0,
  );
  expect(run).toMatchObject({
    runId: '20261125-203934-cje0',
    status: 'FAILED',
    reason: 'the program exited with code 3',
    durationMs: 3700,
    source: { commit: 'b7ffa8', isDirty: true, branch: null },
    owner: 'ada',
    gpus: null,
    image: 'malaria:b7ffa8',
    metrics: { loss: Number.NaN },
  });
  // Those of the machine are nothing that tells runs apart.
  expect(Object.keys(run.metrics)).toEqual(['loss']);
  expect(run.url).toContain('/#/experiments/2/runs/c05c2f263a3b4143ad6fc4adc5d26958');
});

test('a run that something else made is read, too, whatever it lacks', () => {
  const bare = serverRun({ info: { runName: '', startTimeMs: 0, endTimeMs: null, status: 'RUNNING' } });
  expect(toRecordedRun(bare, uri, 5000)).toMatchObject({
    runName: '',
    runId: null,
    startedAtMs: null,
    durationMs: null,
    owner: null,
    source: { commit: null, isDirty: false, name: null },
  });
});

test('a run that goes on has taken the time until now; one that was never ended has taken none', () => {
  const open = { endTimeMs: null, startTimeMs: 1000 };
  const nowMs = 61_000;
  expect(toRecordedRun(serverRun({ info: { ...open, status: 'RUNNING' } }), uri, nowMs).durationMs).toBe(60_000);
  expect(toRecordedRun(serverRun({ info: { ...open, status: 'FAILED' } }), uri, nowMs).durationMs).toBeNull();
});

test('a run that is resumed has the epochs that it was resumed with, and goes on in spite of an earlier end', () => {
  const tags = { 'slipway.resumed': '1', 'slipway.param_conflict.epochs': '20' };
  const resumed = serverRun({ tags, params: { epochs: '5', rate: '1' }, info: { status: 'RUNNING' } });
  expect(toRecordedRun(resumed, uri, resumed.info.startTimeMs + 10_000)).toMatchObject({
    parameters: { epochs: '20', rate: '1' },
    endedAtMs: null,
    durationMs: 10_000,
  });
  const other = serverRun({ tags: { 'slipway.param_conflict.epochs': '20' }, params: { epochs: '5' } });
  expect(toRecordedRun(other, uri, 0).parameters).toEqual({ epochs: '5' });
});
