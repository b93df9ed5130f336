import { describe, expect, it } from 'vitest';
import { MlflowApiError, MlflowClient } from '../../../src/mlflow/index.ts';
import { type Answer, type Handler, type HttpServer, startHttpServer } from '../../support/http-server.ts';

const retry = { maximumRetries: 2, baseDelayMs: 1, maximumDelayMs: 2 };
const experiment = (stage = 'active') => ({
  experiment: { experiment_id: '7', name: 'malaria', lifecycle_stage: stage },
});
const missing: Answer = [404, { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'none' }];
const taken: Answer = [400, { error_code: 'RESOURCE_ALREADY_EXISTS', message: 'taken' }];

async function connect(handler: Handler, environment: Record<string, string> = {}) {
  const server = await startHttpServer(handler);
  const client = new MlflowClient({ trackingUri: `${server.uri}/prefix/`, environment, retry });
  return { server, client, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const calls = (server: HttpServer) => server.requests.map(({ method, url }) => `${method} ${url.split('?')[0]}`);
const bodyOf = (server: HttpServer, index: number): unknown => JSON.parse(server.requests[index]!.body.toString());

describe('MlflowClient', () => {
  it('calls below the path prefix, with login and workspace', async () => {
    const environment = { MLFLOW_TRACKING_TOKEN: 'abc', MLFLOW_WORKSPACE: 'team' };
    await using connection = await connect(() => experiment(), environment);
    const { client, server } = connection;
    expect(client.trackingUri).toBe(`${server.uri}/prefix`);
    expect(await client.getExperiment('7')).toMatchObject({ experimentId: '7', name: 'malaria', tags: {} });
    expect(server.requests[0]?.url).toBe('/prefix/api/2.0/mlflow/experiments/get?experiment_id=7');
    expect(server.requests[0]?.headers).toMatchObject({ authorization: 'Bearer abc', 'x-mlflow-workspace': 'team' });
    await client.serverInfo().catch(() => undefined);
    expect(server.requests[1]?.headers['x-mlflow-workspace']).toBeUndefined();
  });

  it('takes the login of the address, and does not show it', async () => {
    await using server = await startHttpServer(() => [400, 'no']);
    const client = new MlflowClient({ trackingUri: server.uri.replace('//', '//ann:hunter2@') });
    const error = await client.getExperiment('1').catch((thrown: unknown) => thrown);
    expect(String(error) + JSON.stringify(error)).not.toContain('hunter2');
    expect(server.requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('ann:hunter2').toString('base64')}`);
  });

  it('masks what it is told to in free text, also what it is told later, and leaves names as they are', async () => {
    await using server = await startHttpServer(() => ({ run: { info: { run_id: 'r' }, data: {} } }));
    const maskedTexts = ['secret-one'];
    const client = new MlflowClient({ trackingUri: server.uri, maskedTexts });
    await client.setTag('secret-one', 'note', 'a secret-one, a secret-two');
    maskedTexts.push('secret-two');
    const params = { key: 'a secret-two' };
    await client.logBatch('r', { params, tags: { t: 'secret-one' } });
    expect(bodyOf(server, 0)).toEqual({ run_id: 'secret-one', key: 'note', value: 'a ***, a secret-two' });
    expect(bodyOf(server, 1)).toMatchObject({
      params: [{ key: 'key', value: 'a ***' }],
      tags: [{ key: 't', value: '***' }],
    });
  });

  it('does not send what the server would spoil', async () => {
    await using connection = await connect(() => ({}));
    const { client, server } = connection;
    const metrics = [{ key: 'loss', value: 1, step: 0.5, timestampMs: 1 }];
    await expect(client.logBatch('r', { metrics })).rejects.toThrow('step 0.5');
    await expect(client.updateRun('r', { status: 'DONE' as 'FINISHED' })).rejects.toThrow('must be one of RUNNING');
    await expect(client.updateRun('r', { endTimeMs: performance.now() + 0.5 })).rejects.toThrow('not an integer');
    await expect(client.finalizeLoggedModel('m', 'DONE' as 'READY')).rejects.toThrow('must be one of READY');
    await expect(client.setTag('r', 'key', 5 as unknown as string)).rejects.toThrow('not a text');
    await expect(client.setModelAlias('name', 'v7', '1')).rejects.toThrow('reserved');
    expect(server.requests).toHaveLength(0);
  });

  it('sends a large batch in several requests, one after the other', async () => {
    await using connection = await connect(() => ({}));
    const { client, server } = connection;
    const metrics = Array.from({ length: 1500 }, (_, step) => ({
      key: 'loss',
      value: Number.NaN,
      step,
      timestampMs: 1,
    }));
    await client.logBatch('run', { metrics, params: { lr: '0.1' } });
    expect(server.requests).toHaveLength(3);
    expect(bodyOf(server, 0)).toMatchObject({ run_id: 'run', metrics: [], params: [{ key: 'lr', value: '0.1' }] });
    expect(bodyOf(server, 1)).toMatchObject({
      metrics: expect.arrayContaining([{ key: 'loss', value: 'NaN', step: 0, timestamp: 1 }]),
    });
  });

  it('repeats what may be repeated, and never a creation whose fate is unclear', async () => {
    await using connection = await connect((_request, _response, index) => (index % 2 === 0 ? [502, ''] : {}));
    const { client, server } = connection;
    await client.logBatch('run', { tags: { a: 'b' } });
    expect(server.requests).toHaveLength(2);
    for (const create of [
      () => client.createRun({ experimentId: '1', startTimeMs: 1 }),
      () => client.createModelVersion({ name: 'a', source: 'models:/m-1' }),
      () => client.createLoggedModel({ experimentId: '1', name: 'a' }),
    ]) {
      const before = server.requests.length + (server.requests.length % 2);
      if (server.requests.length % 2 === 1) await client.getExperiment('1').catch(() => undefined);
      await expect(create()).rejects.toMatchObject({ status: 502 });
      expect(server.requests).toHaveLength(before + 1);
    }
  });

  it('says that a reply is not what MLflow answers', async () => {
    const answers: Answer[] = ['<html>portal</html>', { experiment: { name: 5 } }];
    await using connection = await connect((_request, _response, index) => answers[index]);
    const { client } = connection;
    await expect(client.getExperiment('1')).rejects.toThrow('is not JSON');
    const error = await client.getExperiment('1').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MlflowApiError);
    expect((error as MlflowApiError).message).toContain('expected shape');
    expect((error as MlflowApiError).isRetryable).toBe(false);
  });

  it('reads all pages, and stops at a token that does not advance', async () => {
    const page = (runId: string, token?: string) => ({
      runs: [{ info: { run_id: runId, experiment_id: '1' } }],
      ...(token === undefined ? {} : { next_page_token: token }),
    });
    await using connection = await connect((_request, _response, index) =>
      index === 0 ? page('a', 'x') : index === 1 ? page('b', 'y') : page('c', 'y'),
    );
    const { client, server } = connection;
    const found: string[] = [];
    for await (const run of client.iterateRuns({ experimentIds: ['1'], maxResults: 1 })) found.push(run.info.runId);
    expect(found).toEqual(['a', 'b', 'c']);
    expect(bodyOf(server, 2)).toMatchObject({ page_token: 'y', experiment_ids: ['1'], max_results: 1 });
  });

  it('treats an output that is recorded already as done', async () => {
    await using connection = await connect(() => [
      400,
      { error_code: 'BAD_REQUEST', message: '(sqlite3.IntegrityError) UNIQUE constraint failed: inputs.source_id' },
    ]);
    await expect(connection.client.logOutputs('r', [{ modelId: 'm-1', step: 0 }])).resolves.toBeUndefined();
  });
});

describe('ensureExperiment', () => {
  it('takes the experiment that is there', async () => {
    await using connection = await connect(() => experiment());
    expect(await connection.client.ensureExperiment('malaria')).toMatchObject({ experimentId: '7' });
    expect(calls(connection.server)).toEqual(['GET /prefix/api/2.0/mlflow/experiments/get-by-name']);
  });

  it('makes one where there is none', async () => {
    const answers = [missing, { experiment_id: '7' }, experiment()];
    await using connection = await connect((_request, _response, index) => answers[index]);
    expect((await connection.client.ensureExperiment('malaria')).experimentId).toBe('7');
    expect(bodyOf(connection.server, 1)).toMatchObject({ name: 'malaria' });
  });

  it('takes the one that another process made in the meantime', async () => {
    const answers = [missing, taken, experiment()];
    await using connection = await connect((_request, _response, index) => answers[index]);
    expect((await connection.client.ensureExperiment('malaria')).experimentId).toBe('7');
  });

  it('says that it is deleted and what to do', async () => {
    await using connection = await connect(() => experiment('deleted'));
    const error = await connection.client.ensureExperiment('malaria').catch((thrown: unknown) => thrown);
    const commands = [
      '`slipway run . --experiment-name malaria --restore-experiment`',
      '`make run EXPERIMENT=malaria RESTORE_EXPERIMENT=1`',
    ];
    for (const command of commands)
      expect(error).toMatchObject({ exitCode: 64, hint: expect.stringContaining(command) });
    expect(String(error)).toContain('"malaria" (7) is deleted');
  });
});

describe('ensureRegisteredModel', () => {
  it('takes the one that is there', async () => {
    const answers = [taken, { registered_model: { name: 'cells', aliases: [{ alias: 'best', version: '3' }] } }];
    await using connection = await connect((_request, _response, index) => answers[index]);
    expect(await connection.client.ensureRegisteredModel('cells')).toMatchObject({ aliases: { best: '3' } });
  });
});
