import { appendFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MlflowClient, type Run } from '../../src/mlflow/index.ts';
import { RunLogAppender } from '../../src/runlog/index.ts';
import { createRunDirectory, type RunPaths } from '../../src/runs/index.ts';
import { RunStream, type StreamOptions } from '../../src/stream/index.ts';
import { type MlflowServer, startMlflow, type TemporaryDirectory, temporaryDirectory } from '../support/index.ts';

let server: MlflowServer;
let storage: TemporaryDirectory;
let client: MlflowClient;
let experimentId: string;

beforeAll(async () => {
  server = await startMlflow();
  storage = await temporaryDirectory();
  client = new MlflowClient({ trackingUri: server.uri });
  experimentId = (await client.ensureExperiment('stream')).experimentId;
});
afterAll(async () => {
  await client?.close();
  await server?.[Symbol.asyncDispose]();
  await storage?.remove();
});

interface Started {
  readonly paths: RunPaths;
  readonly run: Run;
  readonly log: RunLogAppender;
  readonly stream: RunStream;
  readonly warnings: string[];
  finish(): Promise<Run>;
}

async function start(options: Partial<StreamOptions> = {}): Promise<Started> {
  const paths = await createRunDirectory(storage.path);
  const run = await client.createRun({ experimentId, runName: paths.runId, startTimeMs: Date.now(), tags: {} });
  const warnings: string[] = [];
  const stream = new RunStream({
    runDirectory: paths.directory,
    client,
    mlflowRunId: run.info.runId,
    experimentId,
    artifactUri: run.info.artifactUri,
    knownParams: {},
    onWarning: (text) => warnings.push(text),
    ...options,
  });
  stream.start();
  const log = RunLogAppender.open(paths.directory, 'trainer');
  const finish = async (): Promise<Run> => {
    log.close();
    stream.programEnded();
    await stream.drain();
    await stream.close();
    return client.getRun(run.info.runId);
  };
  return { paths, run, log, stream, warnings, finish };
}

describe('the values of a run log', () => {
  it('are on the server while the program runs, without being asked for', async () => {
    const { run, log, finish } = await start();
    log.metric('loss', 0.5, 1);
    log.param('optimizer', 'adam');
    const there = await until(async () => {
      const { data } = await client.getRun(run.info.runId);
      return data.metrics.loss === 0.5 && data.params.optimizer === 'adam';
    });
    expect(there).toBe(true);
    await finish();
  });

  it('arrive once each, more than one request holds, NaN and infinities too', async () => {
    const { run, log, stream, finish } = await start();
    for (let step = 1; step <= 2500; step++) log.metric('loss', 1 / step, step);
    for (let key = 0; key < 150; key++) log.metric(`key_${key}`, key, 1);
    log.metric('odd', Number.NaN, 1);
    log.metric('odd', Number.POSITIVE_INFINITY, 2);
    log.metric('odd', 3, 3);
    await finish();
    const history = await client.metricHistory(run.info.runId, 'loss');
    expect(history.map(({ step, value }) => [step, value])).toEqual(
      Array.from({ length: 2500 }, (_, index) => [index + 1, 1 / (index + 1)]),
    );
    const odd = await client.metricHistory(run.info.runId, 'odd');
    expect(odd.map(({ value }) => value)).toEqual([Number.NaN, Number.POSITIVE_INFINITY, 3]);
    expect(stream.status()).toMatchObject({ pendingBytes: 0, sentEvents: 2653, lastError: null, refused: [] });
  });

  it('follow the rules of params: the launcher wins, equal numbers are one, a conflict becomes a tag', async () => {
    const { run, log, finish } = await start({ knownParams: { epochs: '3', learning_rate: '1e-3', seed: '1' } });
    await client.logBatch(run.info.runId, { params: { epochs: '3', learning_rate: '1e-3', seed: '1' } });
    log.param('epochs', 3);
    log.param('learning_rate', 0.001);
    log.param('seed', 7);
    log.param('layers', 4);
    log.param('layers', 5);
    log.tag('stage', 'one');
    log.tag('stage', 'two');
    const { data } = await finish();
    expect(data.params).toEqual({ epochs: '3', learning_rate: '1e-3', seed: '1', layers: '4' });
    expect(data.tags).toMatchObject({
      'slipway.param_conflict.seed': '7',
      'slipway.param_conflict.layers': '5',
      stage: 'two',
    });
  });

  it('meet a param that another writer logged meanwhile without losing the rest of the batch', async () => {
    const { run, log, finish, stream } = await start();
    log.param('first', 1);
    await until(async () => (await client.getRun(run.info.runId)).data.params.first === '1');
    await client.logBatch(run.info.runId, { params: { second: 'theirs' } });
    log.param('second', 'ours');
    log.param('third', 3);
    log.metric('loss', 0.5, 1);
    const { data } = await finish();
    expect(data.params).toEqual({ first: '1', second: 'theirs', third: '3' });
    expect(data.metrics).toEqual({ loss: 0.5 });
    expect(data.tags['slipway.param_conflict.second']).toBe('ours');
    expect(stream.status().refused).toEqual([]);
  });

  it('name their dataset, which is an input of the run', async () => {
    const { log, finish } = await start();
    log.dataset({ name: 'cells', digest: 'd1', context: 'training', source_type: 'local', source: '{"uri":"/x"}' });
    log.metric('loss', 0.5, 1, { dataset: 'cells' });
    const run = await finish();
    expect(run.inputs.datasets).toHaveLength(1);
    expect(run.inputs.datasets[0]).toMatchObject({
      dataset: { name: 'cells', digest: 'd1', sourceType: 'local' },
      tags: { 'mlflow.data.context': 'training' },
    });
    expect(run.data.metrics).toEqual({ loss: 0.5 });
  });

  it('that cannot be taken are kept and told of once, and hold back no other', async () => {
    const { paths, log, stream, warnings, finish } = await start();
    log.metric('before', 1, 1);
    log.param('long', 'x'.repeat(6001));
    appendFileSync(join(paths.events, 'other.ndjson'), 'no json\n{"v":1,"type":"tag","key":"last","value":"torn"}');
    log.metric('after', 1, 1);
    const { data } = await finish();
    expect(data.metrics).toEqual({ before: 1, after: 1 });
    expect(data.tags.last).toBe('torn');
    expect(stream.status().refused).toEqual([expect.stringMatching(/param "long" \(trainer, byte \d+\): .*6001/)]);
    expect(warnings).toEqual([
      expect.stringMatching(/other, byte 0: .*no JSON/),
      expect.stringMatching(/Refused for good: param "long"/),
    ]);
    const kept = readFileSync(join(paths.sync, 'trainer.refused.ndjson'), 'utf8').trim().split('\n');
    expect(kept).toHaveLength(1);
    expect(JSON.parse(kept[0] ?? '')).toMatchObject({ event: { key: 'long' } });
  });

  it('wait while the server is away and arrive when it is back, written by whoever comes then', async () => {
    const { paths, run, log, stream, warnings } = await start();
    log.metric('loss', 1, 1);
    await stream.drain();
    await server.kill();
    log.metric('loss', 2, 2);
    log.close();
    expect(await until(async () => stream.status().lastError !== null)).toBe(true);
    expect(stream.status().pendingBytes).toBeGreaterThan(0);
    expect(warnings).toEqual([expect.stringMatching(/takes nothing at the moment/)]);
    await stream.close();
    await server.restart();
    const seen: string[] = [];
    const next = new RunStream({
      runDirectory: paths.directory,
      client,
      mlflowRunId: run.info.runId,
      experimentId,
      artifactUri: run.info.artifactUri,
      knownParams: {},
      onEvent: (event) => seen.push(event.type === 'metric' ? String(event.value) : event.type),
    });
    await next.drain();
    await next.close();
    const history = await client.metricHistory(run.info.runId, 'loss');
    expect(history.map(({ value }) => value)).toEqual([1, 2]);
    expect(seen).toEqual(['2']);
  });
});

describe('the files of a run log', () => {
  it('arrive where the events say: files, folders, tables, pictures', async () => {
    const { paths, run, log, finish, stream } = await start();
    mkdirSync(join(paths.artifacts, 'plots', 'deep'), { recursive: true });
    writeFileSync(join(paths.artifacts, 'summary.txt'), 'summary');
    writeFileSync(join(paths.artifacts, 'plots', 'a.svg'), '<svg/>');
    writeFileSync(join(paths.artifacts, 'plots', 'deep', 'b.svg'), '<svg/>');
    writeFileSync(join(paths.artifacts, 'empty'), '');
    writeFileSync(join(paths.artifacts, 'predictions.json'), '{"columns":["id"],"data":[[1]]}');
    writeFileSync(join(paths.artifacts, 'p.png'), pixel);
    writeFileSync(join(paths.logs, 'stdout.log'), 'hello');
    log.artifact('artifacts/summary.txt');
    log.artifact(join(paths.artifacts, 'plots'));
    log.artifact('artifacts/empty', 'other');
    log.artifact('artifacts/plots', 'copies');
    log.artifact('logs/stdout.log', 'logs');
    log.table('predictions', 'artifacts/predictions.json', 1);
    log.image('confusion/test', 'artifacts/p.png', 1, 1000);
    const { data } = await finish();
    const files = (await artifactsOf(run)).filter((path) => !path.startsWith('images/'));
    expect(files).toEqual([
      'copies/a.svg',
      'copies/deep/b.svg',
      'logs/stdout.log',
      'other/empty',
      'plots/a.svg',
      'plots/deep/b.svg',
      'predictions.json',
      'summary.txt',
    ]);
    const images = (await artifactsOf(run)).filter((path) => path.startsWith('images/'));
    expect(images).toEqual([
      expect.stringMatching(/^images\/confusion~test\+step\+1\+timestamp\+1000\+[\da-f-]{36}\+compressed\.webp$/),
      expect.stringMatching(/^images\/confusion~test\+step\+1\+timestamp\+1000\+[\da-f-]{36}\.png$/),
    ]);
    expect(data.tags['mlflow.loggedImages']).toBe('True');
    expect(JSON.parse(data.tags['mlflow.loggedArtifacts'] ?? '')).toEqual([
      { path: 'predictions.json', type: 'table' },
    ]);
    expect(stream.status()).toMatchObject({ pendingBytes: 0, refused: [] });
  });

  it('that are missing, lead out of the run folder or are no table are refused, each with its reason', async () => {
    const { paths, log, finish, run, stream } = await start();
    symlinkSync('/etc/hostname', join(paths.artifacts, 'leak'));
    mkdirSync(join(paths.artifacts, 'folder'));
    symlinkSync('/etc/hostname', join(paths.artifacts, 'folder', 'leak'));
    writeFileSync(join(paths.artifacts, 'folder', 'good'), 'good');
    writeFileSync(join(paths.artifacts, 'table.json'), '[1]');
    log.artifact('artifacts/none');
    log.artifact('artifacts/leak');
    log.artifact('../../secret');
    log.artifact('artifacts/folder');
    log.table('table', 'artifacts/table.json', 1);
    log.artifact('artifacts/folder/good', 'last');
    const { data } = await finish();
    expect(await artifactsOf(run)).toEqual(['folder/good', 'last/good']);
    expect(data.tags['mlflow.loggedArtifacts']).toBeUndefined();
    expect(stream.status().refused).toEqual([
      expect.stringMatching(/"artifacts\/none" .*is not in the run folder/),
      expect.stringMatching(/"artifacts\/leak" .*symbolic link/),
      expect.stringMatching(/not below the run folder/),
      expect.stringMatching(/"artifacts\/folder" .*folder\/leak.* symbolic link/),
      expect.stringMatching(/table "table" .*not of the form/),
    ]);
  });
});

const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

async function artifactsOf(run: Run): Promise<string[]> {
  const { openArtifactStore } = await import('../../src/artifacts/index.ts');
  const files = await openArtifactStore(run.info.artifactUri, { client }).listRecursive();
  return files.filter(({ isDirectory }) => !isDirectory).map(({ path }) => path);
}

async function until(holds: () => Promise<boolean>): Promise<boolean> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (await holds()) return true;
    await wait(100);
  }
  return false;
}
