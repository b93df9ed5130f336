import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testBaseImage } from '../support/base-image.ts';
import { type FaultyProxy, startFaultyProxy } from '../support/faulty-proxy.ts';
import { gitProject, slipway, startSlipway } from '../support/index.ts';
import { TrackedProject } from '../support/tracked-project.ts';

let proxy: FaultyProxy;

let tracked: TrackedProject;

beforeAll(async () => {
  tracked = await TrackedProject.open('echo', 'docker');
  proxy = await startFaultyProxy(tracked.server.uri);
});

afterAll(async () => {
  await proxy?.[Symbol.asyncDispose]();
  await tracked?.[Symbol.asyncDispose]();
});

const launch = (name: string, ...words: string[]) =>
  startSlipway(['run', tracked.project.path, '--storage', tracked.storage.path, '--run-name', name, ...words], {
    environment: { MLFLOW_TRACKING_URI: proxy.uri },
  });

async function runNamed(name: string, experimentName = 'echo') {
  const experiment = await tracked.client.getExperimentByName(experimentName);
  const experimentIds = [experiment?.experimentId ?? ''];
  return (await tracked.client.searchRuns({ experimentIds, filter: `attributes.run_name = '${name}'` })).items[0];
}

test('a status that the server refuses is not taken for sent: exit code 75, and sync sends it later', async () => {
  proxy.fault = { path: 'runs/update', status: 403 };
  const end = await launch('refused').ended;
  proxy.fault = null;
  expect(end.exitCode).toBe(75);
  expect((await runNamed('refused'))?.info.status).toBe('RUNNING');
  const synced = await slipway(['sync', 'refused', '--storage', tracked.storage.path]);
  expect(synced.exitCode).toBe(0);
  expect((await runNamed('refused'))?.info.status).toBe('FINISHED');
});

test('a failed build with very long lines ends, and the run has failed', async () => {
  await using broken = await gitProject('broken-build', { baseImage: await testBaseImage() });
  const base = await testBaseImage();
  const noise = 'for (let i = 0; i < 15; i += 1) console.log(String(i).repeat(3000))';
  writeFileSync(join(broken.path, 'Dockerfile'), `FROM ${base}\nRUN node -e "${noise}"; exit 7\n`);
  broken.git('commit', '--quiet', '--all', '--message', 'Noise');
  const end = await slipway(['run', broken.path, '--storage', tracked.storage.path, '--run-name', 'noisy'], {
    environment: { MLFLOW_TRACKING_URI: proxy.uri },
  });
  expect(end.exitCode).toBe(1);
  expect((await runNamed('noisy', 'broken-build'))?.info.status).toBe('FAILED');
});

test('Ctrl-C after the program has ended leaves its status alone', async () => {
  proxy.fault = { path: 'runs/update', status: 503 };
  const running = launch('late');
  await running.until('everything is on the tracking server');
  running.child.kill('SIGINT');
  const end = await running.ended;
  proxy.fault = null;
  expect(end.exitCode).toBe(130);
  expect(end.stderr).toContain('The program has ended');
  const attached = await slipway(['attach', 'late', '--storage', tracked.storage.path]);
  expect(attached.exitCode).toBe(0);
  expect((await runNamed('late'))?.info.status).toBe('FINISHED');
});
