import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openArtifactStore } from '../../src/artifacts/index.ts';
import { MlflowClient } from '../../src/mlflow/index.ts';
import { gitProject, keptOutput, startMlflow, startSlipway, temporaryDirectory } from '../support/index.ts';
import { recordedRun } from '../support/recorded-run.ts';

test('the output is on the server while the program runs, dated, and whole in the end', async () => {
  await using project = await gitProject('echo');
  await using storage = await temporaryDirectory();
  await using server = await startMlflow();
  const client = new MlflowClient({ trackingUri: server.uri, environment: {} });
  const words = [
    'run',
    project.path,
    '--engine',
    'host',
    '--storage',
    storage.path,
    '--run-name',
    'live',
    '-e',
    'sleep',
  ];
  const running = startSlipway(words, { environment: { MLFLOW_TRACKING_URI: server.uri } });
  const artifact = async (): Promise<string> => {
    const { info } = await recordedRun(client, 'echo', 'live');
    const store = openArtifactStore(info.artifactUri, { client });
    if ((await store.list('logs')).every(({ path }) => path !== 'logs/stdout.log')) return '';
    await store.download('logs/stdout.log', storage.join('downloaded.log'));
    return readFileSync(storage.join('downloaded.log'), 'utf8');
  };
  let live = '';
  while (live === '') {
    await sleep(200);
    live = await artifact().catch(() => '');
  }
  expect(live).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z started\n$/);
  const { info, data } = await recordedRun(client, 'echo', 'live');
  expect(info.status).toBe('RUNNING');
  running.child.kill('SIGINT');
  expect(await running.ended).toMatchObject({ exitCode: 130 });
  expect((await artifact()).replace(/^\S+ /gm, '')).toBe('started\nstopping\n');
  const logs = storage.join('runs', data.tags['slipway.id'] ?? '', 'logs');
  expect(keptOutput(logs, 'stdout').toString()).toBe('started\nstopping\n');
  expect(existsSync(`${logs}/.stdout.raw`)).toBe(false);
});
