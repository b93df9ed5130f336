import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openArtifactStore } from '../../src/artifacts/index.ts';
import { MlflowClient, type Run } from '../../src/mlflow/index.ts';
import { RunLogAppender } from '../../src/runlog/index.ts';
import { createRunDirectory, type RunPaths } from '../../src/runs/index.ts';
import { RunStream, type StreamOptions } from '../../src/stream/index.ts';
import {
  type MlflowServer,
  pythonPath,
  startMlflow,
  type TemporaryDirectory,
  temporaryDirectory,
} from '../support/index.ts';

let server: MlflowServer;
let storage: TemporaryDirectory;
let client: MlflowClient;
let experimentId: string;

beforeAll(async () => {
  server = await startMlflow();
  storage = await temporaryDirectory();
  client = new MlflowClient({ trackingUri: server.uri });
  experimentId = (await client.ensureExperiment('models')).experimentId;
});
afterAll(async () => {
  await client?.close();
  await server?.[Symbol.asyncDispose]();
  await storage?.remove();
});

async function newRun(): Promise<{ paths: RunPaths; run: Run; model: string; log: RunLogAppender }> {
  const paths = await createRunDirectory(storage.path);
  const tags = { 'mlflow.user': 'ada', 'mlflow.source.git.commit': 'c'.repeat(40) };
  const run = await client.createRun({ experimentId, runName: paths.runId, startTimeMs: Date.now(), tags });
  const model = join(paths.artifacts, 'model');
  mkdirSync(join(model, 'data'), { recursive: true });
  writeFileSync(join(model, 'MLmodel'), 'flavors:\n  python_function:\n    loader_module: mlflow.onnx\n');
  writeFileSync(join(model, 'data', 'weights'), 'weights');
  return { paths, run, model, log: RunLogAppender.open(paths.directory, 'trainer') };
}

async function carry(paths: RunPaths, run: Run, options: Partial<StreamOptions> = {}) {
  const stream = new RunStream({
    runDirectory: paths.directory,
    client,
    mlflowRunId: run.info.runId,
    experimentId,
    artifactUri: run.info.artifactUri,
    knownParams: {},
    ...options,
  });
  stream.programEnded();
  const status = await stream.drain();
  await stream.close();
  return status;
}

async function modelsOf(run: Run) {
  const filter = `source_run_id = '${run.info.runId}'`;
  return (await client.searchLoggedModels({ experimentIds: [experimentId], filter })).items;
}

describe('a model event', () => {
  it('becomes a logged model with its metrics, dataset and files, and a version that Python finds', async () => {
    const { paths, run, log, model } = await newRun();
    log.dataset({ name: 'cells-test', digest: 'd', context: 'test', source_type: 'local', source: '{}' });
    for (let step = 1; step <= 3; step++) log.metric('test_auc', 0.9, step, { timeMs: 1000 + step });
    log.metric('named', 5, 3, { timeMs: 1500, model: 'cells' });
    log.model({
      name: 'cells',
      path: model,
      register: 'malaria',
      aliases: ['latest-finished', 'second'],
      metrics: { test_auc: 0.9, only_here: 7 },
      dataset: 'cells-test',
      step: 2,
      params: { epochs: '3' },
      tags: { data: 'synthetic' },
    });
    log.metric('named', 6, 4, { timeMs: 1600, model: 'cells' });
    log.close();
    const versions: unknown[] = [];
    const warnings: string[] = [];
    const status = await carry(paths, run, {
      onModelVersion: (version) => versions.push(version),
      onWarning: (text) => warnings.push(text),
    });
    expect(status.refused).toEqual([]);
    expect(warnings).toEqual([]);

    const [logged, ...others] = await modelsOf(run);
    expect(others).toEqual([]);
    expect(logged).toMatchObject({ name: 'cells', status: 'READY', params: { epochs: '3' } });
    expect(logged?.tags).toMatchObject({
      data: 'synthetic',
      'mlflow.user': 'ada',
      'mlflow.source.git.commit': 'c'.repeat(40),
      'slipway.event': expect.stringMatching(new RegExp(`^${run.info.runId}/trainer:\\d+$`)),
    });
    const linked = (await client.getLoggedModel(logged?.modelId ?? '')).metrics;
    const points = linked.map(({ key, value, step, timestampMs, datasetName }) => [
      key,
      value,
      step,
      timestampMs,
      datasetName,
    ]);
    expect(points.sort()).toEqual([
      ['named', 5, 3, 1500, undefined],
      ['named', 6, 4, 1600, undefined],
      ['only_here', 7, 2, 1500, 'cells-test'],
      ['test_auc', 0.9, 2, 1002, 'cells-test'],
    ]);
    expect(await client.metricHistory(run.info.runId, 'test_auc')).toHaveLength(3);
    expect((await client.getRun(run.info.runId)).outputs.models).toEqual([{ modelId: logged?.modelId, step: 2 }]);

    expect(versions).toEqual([{ name: 'malaria', version: '1', modelId: logged?.modelId }]);
    for (const alias of ['latest-finished', 'second']) {
      expect((await client.getModelVersionByAlias('malaria', alias)).version).toBe('1');
    }
    const described = [await client.getRegisteredModel('malaria'), await client.getModelVersion('malaria', '1')].map(
      ({ description }) => description ?? '',
    );
    expect(described[0]).toContain('load_model("models:/malaria@latest-finished")');
    expect(described[1]).toMatch(/^test_auc 0.9000, only_here 7\n/);
    expect(described[1]).toContain('measured on `cells-test` (digest `d`)');
    expect(described[1]).toContain(`/runs/${run.info.runId}?workflowType`);
    const info = await pythonModelInfo('models:/malaria@latest-finished');
    expect(info).toEqual({ model_id: logged?.modelId, run_id: run.info.runId, flavors: ['python_function'] });
  });

  it('completes the MLmodel on its way and leaves the file in the run folder as it was', async () => {
    const { paths, run, log, model } = await newRun();
    const written = readFileSync(join(model, 'MLmodel'), 'utf8');
    log.model({ name: 'cells', path: 'artifacts/model', register: null });
    log.close();
    await carry(paths, run);
    const [logged] = await modelsOf(run);
    const store = openArtifactStore(logged?.artifactUri ?? '', { client });
    await store.download('MLmodel', storage.join('MLmodel'));
    const completed = readFileSync(storage.join('MLmodel'), 'utf8');
    expect(completed).toContain(`model_id: ${logged?.modelId}`);
    expect(completed).toContain(`artifact_path: ${logged?.artifactUri}`);
    expect(readFileSync(join(model, 'MLmodel'), 'utf8')).toBe(written);
    expect((await client.searchModelVersions(`run_id = '${run.info.runId}'`)).items).toEqual([]);
  });

  it('whose folder is missing leaves nothing behind but its refusal', async () => {
    const { paths, run, log } = await newRun();
    log.model({ name: 'cells', path: 'artifacts/none', register: 'malaria' });
    log.metric('after', 1, 1);
    log.close();
    const { refused } = await carry(paths, run);
    expect(refused).toEqual([expect.stringMatching(/model "artifacts\/none" .*is not in the run folder/)]);
    expect(await modelsOf(run)).toEqual([]);
    expect((await client.getRun(run.info.runId)).data.metrics).toEqual({ after: 1 });
  });

  it('with a broken MLmodel or an alias nobody may use keeps what could be done, and says what could not', async () => {
    const broken = await newRun();
    writeFileSync(join(broken.model, 'MLmodel'), 'flavors: [');
    broken.log.model({ name: 'cells', path: broken.model, register: 'broken' });
    broken.log.close();
    expect((await carry(broken.paths, broken.run)).refused).toEqual([expect.stringMatching(/MLmodel file is no YAML/)]);
    expect((await modelsOf(broken.run)).map(({ status }) => status)).toEqual(['UPLOAD_FAILED']);

    const alias = await newRun();
    alias.log.model({ name: 'cells', path: alias.model, register: 'aliased', aliases: ['latest'] });
    alias.log.close();
    expect((await carry(alias.paths, alias.run)).refused).toEqual([expect.stringMatching(/latest/)]);
    expect((await modelsOf(alias.run)).map(({ status }) => status)).toEqual(['READY']);
    expect((await client.searchModelVersions(`name = 'aliased'`)).items).toHaveLength(1);
  });

  it('keeps the descriptions that people have written', async () => {
    await client.createRegisteredModel({ name: 'described', description: 'Ask Ada.' });
    const { paths, run, log, model } = await newRun();
    log.model({ name: 'cells', path: model, register: 'described' });
    log.close();
    await carry(paths, run);
    await client.updateModelVersion('described', '1', { description: 'The one to use.' });
    writeFileSync(join(paths.sync, 'trainer.json'), '{"version":1,"values":0,"files":0}\n');
    await carry(paths, run);
    expect(await client.getRegisteredModel('described')).toMatchObject({ description: 'Ask Ada.' });
    expect(await client.getModelVersion('described', '1')).toMatchObject({ description: 'The one to use.' });
  });

  it('sent again long after never takes an alias back from a newer version', async () => {
    const old = await newRun();
    old.log.model({ name: 'cells', path: old.model, register: 'moved', aliases: ['latest-finished'] });
    old.log.close();
    await carry(old.paths, old.run);
    const young = await newRun();
    young.log.model({ name: 'cells', path: young.model, register: 'moved', aliases: ['latest-finished'] });
    young.log.close();
    await carry(young.paths, young.run);
    // As after a power cut before the first stream could write down what was acknowledged.
    writeFileSync(join(old.paths.sync, 'trainer.json'), '{"version":1,"values":0,"files":0}\n');
    await carry(old.paths, old.run);
    expect((await client.getModelVersionByAlias('moved', 'latest-finished')).version).toBe('2');
    expect((await client.searchModelVersions(`name = 'moved'`)).items).toHaveLength(2);
  });
});

async function pythonModelInfo(uri: string): Promise<unknown> {
  const script = [
    'import json, sys, mlflow',
    'mlflow.set_tracking_uri(sys.argv[1])',
    'info = mlflow.models.get_model_info(sys.argv[2])',
    'print(json.dumps({"model_id": info.model_id, "run_id": info.run_id, "flavors": list(info.flavors)}))',
  ].join('\n');
  const { stdout } = await promisify(execFile)(await pythonPath(), ['-c', script, server.uri, uri]);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}
