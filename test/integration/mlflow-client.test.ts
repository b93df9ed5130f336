import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MetricPoint, MlflowApiError, MlflowClient, splitBatch } from '../../src/index.ts';
import { type MlflowServer, startMlflow } from '../support/index.ts';

let server: MlflowServer;
let client: MlflowClient;
let experimentId: string;
const nowMs = Date.now();

beforeAll(async () => {
  server = await startMlflow();
  client = new MlflowClient({ trackingUri: server.uri });
  experimentId = (await client.ensureExperiment('client')).experimentId;
});
afterAll(async () => {
  await client?.close();
  await server?.[Symbol.asyncDispose]();
});

const newRun = async (tags: Record<string, string> = {}) =>
  (await client.createRun({ experimentId, runName: 'one', startTimeMs: nowMs, tags })).info.runId;

async function failureOf(promise: Promise<unknown>): Promise<MlflowApiError> {
  const error = await promise.then(
    () => expect.fail('the call should have failed'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof MlflowApiError)) throw error;
  return error;
}

async function all<T>(items: AsyncGenerator<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe('experiments', () => {
  it('are made once by eight callers at the same moment', async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => client.ensureExperiment('raced')));
    expect(new Set(made.map((each) => each.experimentId)).size).toBe(1);
  });

  it('are tagged, renamed, searched page by page, deleted and restored', async () => {
    const id = await client.createExperiment({ name: 'before', tags: { team: 'a' } });
    await client.setExperimentTag(id, 'mlflow.note.content', 'ünïcode\n'.repeat(500));
    await client.updateExperiment(id, { name: 'after' });
    expect(await client.getExperiment(id)).toMatchObject({
      name: 'after',
      tags: { team: 'a' },
      lifecycleStage: 'active',
    });
    const found = await all(client.iterateExperiments({ maxResults: 1 }));
    expect(found.map(({ name }) => name)).toEqual(expect.arrayContaining(['after', 'client']));
    expect(
      (await client.searchExperiments({ filter: "tags.team = 'a'" })).items.map((each) => each.experimentId),
    ).toEqual([id]);
    await client.deleteExperiment(id);
    expect((await client.getExperimentByName('after'))?.lifecycleStage).toBe('deleted');
    await expect(client.ensureExperiment('after')).rejects.toMatchObject({
      hint: expect.stringContaining('--restore-experiment'),
    });
    await client.restoreExperiment(id);
    expect((await client.ensureExperiment('after')).experimentId).toBe(id);
    expect(await client.getExperimentByName('nothing of that name')).toBeNull();
  });
});

describe('runs', () => {
  it('keep name, times, tags and status', async () => {
    const runId = await newRun({ 'slipway.id': 'x', team: 'a' });
    await client.setTag(runId, 'team', 'b');
    await client.deleteTag(runId, 'slipway.id');
    const info = await client.updateRun(runId, { status: 'FINISHED', endTimeMs: nowMs + 5, runName: 'two' });
    expect(info).toMatchObject({ runId, status: 'FINISHED', endTimeMs: nowMs + 5 });
    const run = await client.getRun(runId);
    expect(run.info).toMatchObject({ runName: 'two', startTimeMs: nowMs, status: 'FINISHED', experimentId });
    expect(run.info.artifactUri).toMatch(/^mlflow-artifacts:/);
    expect(run.data.tags).toEqual({ team: 'b', 'mlflow.runName': 'two' });
    expect(run.inputs.datasets).toEqual([]);
  });

  it('are searched page by page, deleted and restored', async () => {
    const id = await client.createExperiment({ name: 'searched' });
    const runIds: string[] = [];
    for (let index = 0; index < 5; index += 1) {
      const run = await client.createRun({ experimentId: id, startTimeMs: nowMs + index, tags: { n: String(index) } });
      runIds.push(run.info.runId);
    }
    const query = { experimentIds: [id], orderBy: ['attributes.start_time ASC'], maxResults: 2 };
    expect((await all(client.iterateRuns(query))).map(({ info }) => info.runId)).toEqual(runIds);
    expect((await client.searchRuns({ ...query, filter: "tags.n = '3'" })).items[0]?.info.runId).toBe(runIds[3]);
    await client.deleteRun(runIds[0]!);
    expect((await client.getRun(runIds[0]!)).info.lifecycleStage).toBe('deleted');
    expect(await all(client.iterateRuns(query))).toHaveLength(4);
    expect(await all(client.iterateRuns({ ...query, viewType: 'ALL' }))).toHaveLength(5);
    await client.restoreRun(runIds[0]!);
    expect(await all(client.iterateRuns(query))).toHaveLength(5);
  });

  it('that do not exist are told by their code', async () => {
    const error = await failureOf(client.getRun('f'.repeat(32)));
    expect(error).toMatchObject({
      status: 404,
      errorCode: 'RESOURCE_DOES_NOT_EXIST',
      method: 'GET',
      isRetryable: false,
    });
    expect(error.url).toContain('/api/2.0/mlflow/runs/get?run_id=ffff');
  });
});

describe('what a run records', () => {
  it('comes back as it was sent, NaN and infinities included', async () => {
    const runId = await newRun();
    const values = [0.1, -0, 1e-300, 123_456_789.123, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const metrics = values.map((value, index) => ({ key: 'm/x', value, step: index - 2, timestampMs: nowMs + index }));
    const params = { lr: '0.1', empty: '', 'über/größe': '😀"\\\n' };
    await client.logBatch(runId, { metrics, params, tags: { note: 'ü' } });
    expect(await client.metricHistory(runId, 'm/x')).toEqual(
      metrics.map((each) => ({ ...each, value: each.value + 0 })),
    );
    const { data } = await client.getRun(runId);
    expect(data.params).toEqual(params);
    expect(data.metrics).toEqual({ 'm/x': Number.NEGATIVE_INFINITY });
    expect(data.latestMetrics[0]).toMatchObject({ step: 4, timestampMs: nowMs + 6 });
    await client.logBatch(runId, { metrics: [{ key: 'm/x', value: Number.NaN, step: 99, timestampMs: nowMs }] });
    expect((await client.getRun(runId)).data.metrics['m/x']).toBeNaN();
  });

  it('may be larger than one request, and may be sent again', async () => {
    const runId = await newRun();
    const metrics: MetricPoint[] = Array.from({ length: 2600 }, (_, index) => ({
      ...{ key: `metric${index % 130}`, step: Math.floor(index / 130), timestampMs: nowMs + index },
      value: index % 50 === 0 ? Number.NaN : index / 7,
    }));
    const params = Object.fromEntries(Array.from({ length: 250 }, (_, index) => [`p${index}`, 'v'.repeat(5000)]));
    expect(splitBatch({ metrics, params }).length).toBeGreaterThan(4);
    await client.logBatch(runId, { metrics, params });
    await client.logBatch(runId, { metrics, params });
    for (const key of ['metric0', 'metric129']) {
      expect(await client.metricHistory(runId, key)).toEqual(metrics.filter((each) => each.key === key));
    }
    expect((await client.getRun(runId)).data.params).toEqual(params);
  });

  it('has a history of more than one page', async () => {
    const runId = await newRun();
    const metrics = Array.from({ length: 25_010 }, (_, step) => ({
      key: 'long',
      value: step,
      step,
      timestampMs: nowMs + step,
    }));
    await client.logBatch(runId, { metrics });
    const history = await client.metricHistory(runId, 'long');
    expect(history).toHaveLength(25_010);
    expect(history.at(-1)).toEqual(metrics.at(-1));
  });

  it('does not let a param change', async () => {
    const runId = await newRun();
    await client.logBatch(runId, { params: { lr: '0.1' } });
    const error = await failureOf(client.logBatch(runId, { params: { lr: '0.2' }, tags: { lost: 'yes' } }));
    expect(error).toMatchObject({ status: 400, errorCode: 'INVALID_PARAMETER_VALUE', isRetryable: false });
    expect((await client.getRun(runId)).data).toMatchObject({ params: { lr: '0.1' } });
  });

  it('includes datasets, models and the metrics that link them', async () => {
    const runId = await newRun();
    const dataset = {
      name: 'cells',
      digest: 'abc123',
      sourceType: 'local',
      source: '{"uri":"/storage"}',
      profile: '{"num_rows":3}',
    };
    await client.logInputs(runId, { datasets: [{ dataset, tags: { 'mlflow.data.context': 'training' } }] });
    const params = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`p${index}`, String(index)]));
    const model = await client.createLoggedModel({
      experimentId,
      name: 'cells',
      sourceRunId: runId,
      modelType: 'tfjs',
      params,
    });
    expect(model).toMatchObject({ name: 'cells', status: 'PENDING', sourceRunId: runId, experimentId });
    await client.logOutputs(runId, [{ modelId: model.modelId, step: 3 }]);
    await client.logOutputs(runId, [{ modelId: model.modelId, step: 3 }]);
    const point = { key: 'auc', value: 0.9, step: 3, timestampMs: nowMs, modelId: model.modelId };
    await client.logBatch(runId, { metrics: [{ ...point, datasetName: 'cells', datasetDigest: 'abc123' }] });
    const run = await client.getRun(runId);
    expect(run.inputs.datasets).toEqual([{ dataset, tags: { 'mlflow.data.context': 'training' } }]);
    expect(run.outputs.models).toEqual([{ modelId: model.modelId, step: 3 }]);
    const linked = await client.getLoggedModel(model.modelId);
    expect(linked.params).toEqual(params);
    expect(linked.metrics).toMatchObject([{ key: 'auc', value: 0.9, datasetName: 'cells', datasetDigest: 'abc123' }]);
  });
});

describe('logged models', () => {
  it('are tagged, finalized, searched and deleted', async () => {
    const runId = await newRun();
    const { modelId } = await client.createLoggedModel({
      experimentId,
      name: 'searched',
      sourceRunId: runId,
      tags: { a: 'b' },
    });
    await client.setLoggedModelTags(modelId, { c: 'd' });
    await client.deleteLoggedModelTag(modelId, 'a');
    await client.logLoggedModelParams(modelId, { lr: '0.1' });
    expect(await client.finalizeLoggedModel(modelId, 'READY')).toMatchObject({ modelId, status: 'READY' });
    const query = { experimentIds: [experimentId], filter: `source_run_id = '${runId}'` };
    const found = await all(client.iterateLoggedModels(query));
    expect(found).toMatchObject([{ modelId, tags: { c: 'd' }, params: { lr: '0.1' } }]);
    await client.deleteLoggedModel(modelId);
    expect(await all(client.iterateLoggedModels(query))).toEqual([]);
  });
});

describe('the registry', () => {
  it('keeps versions, aliases, tags and descriptions', async () => {
    const runId = await newRun();
    const models = await Promise.all(Array.from({ length: 6 }, () => client.ensureRegisteredModel('cell model')));
    expect(new Set(models.map(({ name }) => name))).toEqual(new Set(['cell model']));
    const { modelId } = await client.createLoggedModel({ experimentId, name: 'cells', sourceRunId: runId });
    const source = `models:/${modelId}`;
    const first = await client.createModelVersion({
      name: 'cell model',
      source,
      modelId,
      runId,
      tags: { 'slipway.id': 'x' },
    });
    expect(first).toMatchObject({ name: 'cell model', version: '1', status: 'READY', runId });
    const second = await client.createModelVersion({ name: 'cell model', source, modelId, runId, description: 'two' });
    await client.setModelAlias('cell model', 'latest-finished', first.version);
    await client.setModelAlias('cell model', 'latest-finished', second.version);
    expect((await client.getModelVersionByAlias('cell model', 'latest-finished')).version).toBe('2');
    await client.setModelVersionTag('cell model', '2', 'stage', 'candidate');
    await client.updateModelVersion('cell model', '2', { description: 'better' });
    const version = await client.getModelVersion('cell model', '2');
    expect(version).toMatchObject({
      description: 'better',
      tags: { stage: 'candidate' },
      aliases: ['latest-finished'],
    });
    await client.deleteModelVersionTag('cell model', '2', 'stage');
    const found = await client.searchModelVersions(`run_id = '${runId}'`);
    expect(found.items.map((each) => each.version).sort()).toEqual(['1', '2']);
    expect((await all(client.iterateModelVersions({ filter: "name = 'cell model'", maxResults: 1 }))).length).toBe(2);
    expect(await client.modelVersionDownloadUri('cell model', '2')).toMatch(/^mlflow-artifacts:/);
    await client.deleteModelAlias('cell model', 'latest-finished');
    await client.setRegisteredModelTag('cell model', 'team', 'a');
    await client.updateRegisteredModel('cell model', { description: 'finds parasites', newName: 'cells' });
    expect(await client.getRegisteredModel('cells')).toMatchObject({
      description: 'finds parasites',
      tags: { team: 'a' },
      aliases: {},
    });
    await client.deleteRegisteredModelTag('cells', 'team');
    expect(
      (await all(client.iterateRegisteredModels({ filter: "name LIKE 'cell%'" }))).map(({ name }) => name),
    ).toEqual(['cells']);
    await client.deleteModelVersion('cells', '1');
    await client.deleteRegisteredModel('cells');
    expect((await client.searchRegisteredModels()).items).toEqual([]);
  });
});

describe('a server that goes away', () => {
  it('is waited for while a call may be repeated, and nothing is written twice', async () => {
    const runId = await newRun();
    const metrics = Array.from({ length: 900 }, (_, step) => ({
      key: 'loss',
      value: step,
      step,
      timestampMs: nowMs + step,
    }));
    await server.kill();
    const patient = new MlflowClient({
      trackingUri: server.uri,
      retry: { maximumRetries: 200, baseDelayMs: 200, maximumDelayMs: 200 },
    });
    const written = patient.logBatch(runId, { metrics });
    await server.restart();
    await written;
    expect(await client.metricHistory(runId, 'loss')).toEqual(metrics);
    await patient.close();
  });
});
