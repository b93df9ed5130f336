import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';
import type { Batch, MlflowClient } from '../../../src/mlflow/index.ts';
import { RunLogAppender } from '../../../src/runlog/index.ts';
import { RunStream } from '../../../src/stream/index.ts';
import type { StreamCheckpoint } from '../../../src/stream/types.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

afterEach(() => vi.restoreAllMocks());

it('goes on sending values where the clock is set back', async () => {
  await using folder = await temporaryDirectory();
  const sent: number[] = [];
  const client = {
    logBatch: async (_: string, { metrics = [] }: Batch) => void sent.push(...metrics.map(({ step }) => step)),
  } as unknown as MlflowClient;
  const of = {
    mlflowRunId: 'run',
    experimentId: '1',
    artifactUri: 'mlflow-artifacts:/1/run/artifacts',
    knownParams: {},
  };
  const stream = new RunStream({ runDirectory: folder.path, client, ...of });
  const log = RunLogAppender.open(folder.path, 'trainer');
  stream.start();
  log.metric('loss', 0.5, 1, { timeMs: 1 });
  await vi.waitFor(() => expect(sent).toEqual([1]), { timeout: 10_000 });
  vi.spyOn(Date, 'now').mockReturnValue(Date.now() - 3_600_000);
  log.metric('loss', 0.4, 2, { timeMs: 2 });
  await vi.waitFor(() => expect(sent).toEqual([1, 2]), { timeout: 10_000 });
  log.close();
  await stream.close();
});

it('sends a param that was read together with a value whose refusal could not be written down at first', async () => {
  await using folder = await temporaryDirectory();
  const sent: Record<string, string>[] = [];
  const client = {
    getRun: async () => ({ data: { params: {}, tags: {} }, info: { lifecycleStage: 'active' } }),
    logBatch: async (_: string, { params = {} }: Batch) => void sent.push({ ...params }),
  } as unknown as MlflowClient;
  const of = { mlflowRunId: 'run', experimentId: '1', artifactUri: 'mlflow-artifacts:/1/run/artifacts' };
  const warnings: string[] = [];
  const onWarning = (text: string): void => void warnings.push(text);
  const stream = new RunStream({ runDirectory: folder.path, client, ...of, knownParams: {}, onWarning });
  mkdirSync(folder.join('sync'));
  const link = folder.join('sync/trainer.refused.ndjson');
  symlinkSync(folder.join('elsewhere'), link);
  const log = RunLogAppender.open(folder.path, 'trainer');
  log.param('layers', 5);
  log.tag('long', 'x'.repeat(9000));
  log.close();
  stream.start();
  await vi.waitFor(() => expect(warnings.join()).toContain('Carrying the values'), { timeout: 10_000 });
  rmSync(link);
  await vi.waitFor(() => expect(stream.status()).toMatchObject({ refusedCount: 1, pendingBytes: 0 }), {
    timeout: 10_000,
  });
  await stream.close();
  expect(sent).toEqual([{ layers: '5' }]);
  expect(stream.status().lastError).toBeNull();
});

it('keeps values that break the format, tells of the first ones, and takes the next stream no further', async () => {
  await using folder = await temporaryDirectory();
  const client = { logBatch: async () => undefined } as unknown as MlflowClient;
  const of = { mlflowRunId: 'run', experimentId: '1', artifactUri: 'mlflow-artifacts:/1/run/artifacts' };
  const warnings: string[] = [];
  const onWarning = (text: string): void => void warnings.push(text);
  const options = { runDirectory: folder.path, client, ...of, knownParams: {}, onWarning };
  mkdirSync(folder.join('events'));
  const line = (step: number) => `{"v":1,"type":"metric","key":"loss","value":1,"step":${step},"time_ms":1}\n`;
  const lines = Array.from({ length: 30 }, (_, step) => line(step + 0.5)).join('');
  writeFileSync(folder.join('events/trainer.ndjson'), `${lines}{"v":1,"type":"met\n${line(31)}`);
  for (const told of [21, 21]) {
    const stream = new RunStream(options);
    stream.programEnded();
    await stream.drain();
    expect(stream.status()).toMatchObject({ refusedCount: 30, pendingBytes: 0 });
    expect(warnings).toHaveLength(told);
    await stream.close();
  }
  expect(warnings.at(-1)).toBe('What else in the run log holds no event is not told here.');
});

it('is kept from nothing by an event that holds more than can be written down, and leaves behind what no server takes', async () => {
  await using folder = await temporaryDirectory();
  const steps: number[] = [];
  const client = {
    logBatch: async (_: string, { metrics = [] }: Batch) => void steps.push(...metrics.map(({ step }) => step)),
  } as unknown as MlflowClient;
  const of = { mlflowRunId: 'run', experimentId: '1', artifactUri: 'mlflow-artifacts:/1/run/artifacts' };
  const reached: StreamCheckpoint[] = [];
  const onCheckpoint = (name: StreamCheckpoint): void => void reached.push(name);
  mkdirSync(folder.join('events'));
  const line = (rest: string) => `{"v":1,"type":"metric",${rest},"time_ms":1}\n`;
  const deep = line(`"key":${'['.repeat(300_000)}${']'.repeat(300_000)},"value":1,"step":1`);
  const invalid = Array.from({ length: 6000 }, () => line('"key":"loss","value":1,"step":0.5')).join('');
  writeFileSync(folder.join('events/trainer.ndjson'), invalid + deep + line('"key":"loss","value":1,"step":7'));
  const stream = new RunStream({ runDirectory: folder.path, client, ...of, knownParams: {}, onCheckpoint });
  stream.programEnded();
  const status = await stream.drain({ signal: AbortSignal.timeout(10_000) });
  await stream.close();
  expect(status).toMatchObject({ refusedCount: 6001, pendingBytes: 0 });
  expect(steps).toEqual([7]);
  expect(reached.filter((name) => name === 'values-acknowledged').length).toBeGreaterThan(2);
});
