import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { createServer as createHttpServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openContext } from '../../../src/doctor/context.ts';
import { trialRun } from '../../../src/doctor/trial-run.ts';
import { MlflowClient } from '../../../src/mlflow/index.ts';
import { doctorRequest, lookAtTracking as lookAt } from '../../support/doctor.ts';
import { type MlflowServer, requireDocker, skip, startMlflow, temporaryDirectory } from '../../support/index.ts';

const reachable = 'tracking.server';
const run = 'tracking.run';
const artifact = 'tracking.artifact';

/** The environment of someone who logs in. */
function login(username: string, password: string): Record<string, string> {
  return { MLFLOW_TRACKING_USERNAME: username, MLFLOW_TRACKING_PASSWORD: password };
}

describe('a tracking server with logins', () => {
  let server: MlflowServer;
  let administrator: Record<string, string>;
  let client: MlflowClient;
  const reader = login('reader', 'a-reader-of-experiments');

  beforeAll(async () => {
    server = await startMlflow({ auth: true });
    administrator = login(server.login!.username, server.login!.password);
    client = new MlflowClient({ trackingUri: server.uri, environment: administrator });
    const made = await fetch(`${server.uri}/api/2.0/mlflow/users/create`, {
      method: 'POST',
      headers: { ...client.transport.headers(), 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'reader', password: 'a-reader-of-experiments' }),
    });
    expect(made.status).toBe(200);
  });

  afterAll(async () => {
    await client?.close();
    await server?.[Symbol.asyncDispose]();
  });

  it.each([
    ['a wrong password', login('admin', 'wrong')],
    ['no login', {}],
  ])('is reachable and refuses %s, with the variables that mend it and no password shown', async (_, variables) => {
    const found = await lookAt([run], server.uri, variables);
    expect(found[reachable]?.status).toBe('fine');
    expect(found['tracking.login']).toMatchObject({
      status: 'broken',
      text: expect.stringContaining('wants a login, and did not accept ours (401)'),
      mend: { command: 'export MLFLOW_TRACKING_USERNAME=… MLFLOW_TRACKING_PASSWORD=…', isSafe: false },
    });
    expect(found[run]?.status).toBe('skipped');
    expect(JSON.stringify(found)).not.toContain('wrong');
  });

  it('tells half a login apart', async () => {
    const found = await lookAt([reachable], server.uri, { MLFLOW_TRACKING_USERNAME: 'admin' });
    expect(found[reachable]).toMatchObject({
      status: 'broken',
      text: expect.stringMatching(/^MLFLOW_TRACKING_USERNAME is set, but MLFLOW_TRACKING_PASSWORD is not\. Set both/),
    });
  });

  it('that lets a user only read an experiment is broken for a run in it, and not for runs elsewhere', async () => {
    const name = 'of-the-administrator';
    await client.createExperiment({ name });
    const found = await lookAt(['tracking.experiment', run], server.uri, { ...reader, MLFLOW_EXPERIMENT_NAME: name });
    expect(found['tracking.login']).toMatchObject({ status: 'fine', facts: { name: 'reader', isAdmin: false } });
    expect(found['tracking.experiment']).toMatchObject({
      status: 'broken',
      text: expect.stringContaining('may only read it'),
      mend: { command: 'export MLFLOW_EXPERIMENT_NAME=…' },
    });
    expect(found[run]).toMatchObject({ status: 'fine', facts: { experimentName: 'slipway-doctor-reader' } });
    const asAdministrator = await lookAt(['tracking.experiment'], server.uri, {
      ...administrator,
      MLFLOW_EXPERIMENT_NAME: name,
    });
    expect(asAdministrator['tracking.experiment']?.status).toBe('fine');
    // Asked for the right to change it, nobody has changed it.
    expect((await client.getExperimentByName(name))?.tags).toEqual({});
  });
});

describe('a tracking server without logins', () => {
  let server: MlflowServer;
  /** The address that its list of hosts knows. */
  let known: string;
  let client: MlflowClient;

  beforeAll(async () => {
    server = await startMlflow({ staticPrefix: '/mlflow', extraArguments: ['--allowed-hosts', 'localhost:*'] });
    known = server.uri.replace('127.0.0.1', 'localhost');
    client = new MlflowClient({ trackingUri: known });
  });

  afterAll(async () => {
    await client?.close();
    await server?.[Symbol.asyncDispose]();
  });

  it('takes a run and an artifact, and has nothing active of them afterwards, however often', async () => {
    for (let time = 0; time < 2; time += 1) {
      const found = await lookAt([run, artifact, 'tracking.version'], known);
      for (const id of [reachable, 'tracking.login', 'tracking.version', run, artifact]) {
        expect(found[id]).toMatchObject({ id, status: 'fine' });
      }
    }
    const { items } = await client.searchExperiments();
    expect(items.map(({ name }) => name)).not.toContain('slipway-doctor');
    const { experimentId } = (await client.getExperimentByName('slipway-doctor'))!;
    expect((await client.searchRuns({ experimentIds: [experimentId] })).items).toEqual([]);
    const all = await client.searchRuns({ experimentIds: [experimentId], viewType: 'ALL' });
    expect(all.items).toHaveLength(2);
    expect(all.items[0]?.data).toMatchObject({ params: { checked: 'true' }, metrics: { checked: 1 } });
  });

  it("keeps somebody's own experiment of the doctor's name, active or deleted, and says where it looked", async () => {
    await using own = await startMlflow();
    const ours = new MlflowClient({ trackingUri: own.uri });
    const experimentId = await ours.createExperiment({ name: 'slipway-doctor' });
    const kept = await ours.createRun({ experimentId, runName: 'precious', startTimeMs: 1 });
    for (const stage of ['active', 'deleted'] as const) {
      if (stage === 'deleted') await ours.deleteExperiment(experimentId);
      const { [run]: found } = await lookAt([run], own.uri);
      expect(found).toMatchObject({
        status: 'fine',
        text: expect.stringContaining(
          'in slipway-doctor-2, as slipway-doctor is an experiment that the doctor did not',
        ),
        facts: { experimentName: 'slipway-doctor-2' },
      });
      expect((await ours.getExperiment(experimentId)).lifecycleStage).toBe(stage);
      const { items } = await ours.searchRuns({ experimentIds: [experimentId], viewType: 'ALL' });
      expect(items.map(({ info }) => info.runId)).toEqual([kept.info.runId]);
    }
    expect((await ours.getExperimentByName('slipway-doctor-2'))?.lifecycleStage).toBe('deleted');
    await ours.close();
  });

  it('lets several doctors look at the same time', async () => {
    const found = await Promise.all([1, 2, 3].map(() => lookAt([artifact], known)));
    for (const each of found) {
      expect(each[run]).toMatchObject({ status: 'fine' });
      expect(each[artifact]).toMatchObject({ status: 'fine' });
    }
    expect((await client.getExperimentByName('slipway-doctor'))?.lifecycleStage).toBe('deleted');
  });

  it('has nothing active of a look that was stopped while the run was being made', async () => {
    const stop = new AbortController();
    const proxy = createHttpServer((incoming, outgoing) => {
      const { method, headers, url = '' } = incoming;
      if (url.includes('/runs/create')) stop.abort('SIGINT');
      const onward = request(
        new URL(url, known),
        { method, headers: { ...headers, host: 'localhost:5000' } },
        (reply) => {
          outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
          reply.pipe(outgoing);
        },
      );
      onward.on('error', () => outgoing.destroy());
      incoming.pipe(onward);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const trackingUri = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/mlflow`;
    const environment = { HOME: '/nonexistent', MLFLOW_TRACKING_URI: trackingUri };
    const context = openContext(doctorRequest({ environment, engine: 'host' }), stop.signal);
    await expect(trialRun(context)).rejects.toBe('SIGINT');
    await context.close();
    proxy.close();
    proxy.closeAllConnections();
    const { experimentId, lifecycleStage } = (await client.getExperimentByName('slipway-doctor'))!;
    expect(lifecycleStage).toBe('deleted');
    const { items } = await client.searchRuns({ experimentIds: [experimentId], viewType: 'ALL' });
    expect(items.map(({ info }) => info.status)).not.toContain('RUNNING');
  });

  it('tells each by its own sentence an experiment that is deleted, new or unknown', async () => {
    const experiment = async (variables: Record<string, string>) =>
      (await lookAt(['tracking.experiment'], known, variables))['tracking.experiment'];
    const id = await client.createExperiment({ name: 'gone' });
    await client.deleteExperiment(id);
    expect(await experiment({ MLFLOW_EXPERIMENT_NAME: 'gone' })).toMatchObject({
      status: 'broken',
      mend: { command: expect.stringMatching(/slipway runs --experiment gone --restore-experiment$/) },
    });
    expect(await experiment({ MLFLOW_EXPERIMENT_NAME: 'new' })).toMatchObject({
      status: 'fine',
      text: 'new will be made by the first run',
    });
    expect(await experiment({ MLFLOW_EXPERIMENT_ID: '4711' })).toMatchObject({
      status: 'broken',
      mend: { command: 'unset MLFLOW_EXPERIMENT_ID' },
    });
  });

  it('that does not know the host name in its address says so, with the flag that mends it', async () => {
    const { [reachable]: found } = await lookAt([reachable], server.uri);
    expect(found).toMatchObject({
      status: 'broken',
      text: expect.stringContaining('does not accept requests to the host name "127.0.0.1" (403)'),
      mend: { command: `mlflow server --allowed-hosts 127.0.0.1:${server.port} …` },
    });
  });

  it('that is below another path is found there', async () => {
    const { [reachable]: found } = await lookAt([reachable], known.replace('/mlflow', ''));
    expect(found).toMatchObject({ status: 'broken', mend: { command: `export MLFLOW_TRACKING_URI=${known}` } });
  });

  it('on this machine’s loopback is reached from a container in the host’s network', async () => {
    await requireDocker();
    const found = await lookAt(['tracking.container', 'engine.container'], known, {}, { engine: 'docker' });
    if (found['engine.container']?.status !== 'fine') skip('the engine has no image to start a container of');
    expect(found['tracking.container']).toMatchObject({ status: 'fine', facts: { network: 'host' } });
  });

  it('whose artifact folder cannot be written takes runs and no artifacts', async () => {
    const folder = `${server.directory}/artifacts`;
    await mkdir(folder, { recursive: true });
    try {
      // An immutable folder keeps out root, too, as whom these tests may run.
      execFileSync('chattr', ['-R', '+i', folder], { stdio: 'ignore' });
    } catch {
      skip('a folder cannot be made immutable here');
    }
    try {
      const found = await lookAt([run, artifact], known);
      expect(found[run]?.status).toBe('fine');
      expect(found[artifact]).toMatchObject({
        status: 'broken',
        text: expect.stringContaining('cannot store an artifact'),
        mend: { command: expect.stringContaining('--artifacts-destination'), isSafe: false },
      });
    } finally {
      execFileSync('chattr', ['-R', '-i', folder]);
    }
  });

  it('that was killed does not answer', async () => {
    await server.kill();
    const found = await lookAt([run], known);
    expect(found[reachable]).toMatchObject({
      status: 'broken',
      text: expect.stringContaining('nothing accepts connections there'),
      mend: { command: 'export MLFLOW_TRACKING_URI=http://…' },
    });
    expect(found[run]).toMatchObject({ status: 'skipped', blockedBy: reachable });
  });
});

describe('the tracking server that comes with Slipway', () => {
  it('is not started by a look, and the command that starts it is safe', async () => {
    await using storage = await temporaryDirectory();
    const found = await lookAt([run], undefined, {}, { storageDirectory: storage.path, isUsualStorage: false });
    expect(found[reachable]).toMatchObject({
      status: 'skipped',
      mend: {
        isSafe: true,
        argv: expect.arrayContaining(['tracking', 'up', '--storage', storage.path, '--engine', 'host']),
      },
    });
    expect(found[run]).toMatchObject({ status: 'skipped', text: 'Not checked: no server runs' });
  });
});
