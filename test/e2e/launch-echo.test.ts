import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Run } from '../../src/mlflow/index.ts';
import { jsonEvents, keptOutput, slipway, startSlipway } from '../support/index.ts';
import { TrackedProject } from '../support/tracked-project.ts';

let tracked: TrackedProject;

beforeAll(async () => {
  tracked = await TrackedProject.open('echo', 'docker');
});

afterAll(async () => {
  await tracked?.[Symbol.asyncDispose]();
});

const launch = (...words: string[]) =>
  slipway(['run', tracked.project.path, '--storage', tracked.storage.path, '--engine', 'docker', ...words], {
    environment: { MLFLOW_TRACKING_URI: tracked.server.uri },
  });

const runOf = async (name: string) => {
  const experiment = await tracked.client.getExperimentByName('echo');
  const found = await tracked.client.searchRuns({
    experimentIds: [experiment?.experimentId ?? ''],
    filter: `attributes.run_name = '${name}'`,
  });
  expect(found.items).toHaveLength(1);
  return tracked.client.getRun(found.items[0]?.info.runId ?? '');
};

/** Containers of one run; the agent removes them while it tells the result. */
const containersOf = async (run: Run) => {
  const filter = `label=slipway.run=${run.data.tags['slipway.id']}`;
  const list = () => execFileSync('docker', ['ps', '-aq', '--filter', filter], { encoding: 'utf8' });
  for (let tries = 0; tries < 50 && list() !== ''; tries += 1) await new Promise((wake) => setTimeout(wake, 100));
  return list();
};

test('a run of a foreign image is recorded with the tags of mlflow run, its parameters and its output', async () => {
  const end = await launch('--run-name', 'first', '-P', 'text=it\'s $(id) `id` "quoted"');
  expect(end.stderr).not.toContain('internal error');
  expect(end.exitCode).toBe(0);
  const run = await runOf('first');
  expect(run.info.status).toBe('FINISHED');
  expect(run.data.params).toEqual({ text: 'it\'s $(id) `id` "quoted"' });
  expect(run.data.tags).toMatchObject({
    'mlflow.source.type': 'PROJECT',
    'mlflow.source.git.commit': tracked.project.commit,
    'mlflow.project.entryPoint': 'main',
    'mlflow.project.env': 'docker',
    'mlflow.project.backend': 'local',
    'mlflow.docker.image.uri': `echo:${tracked.project.commit.slice(0, 12)}`,
    'mlflow.docker.image.id': expect.stringMatching(/^sha256:/),
  });
  const files = await tracked.client.listArtifacts(run.info.runId, 'logs');
  expect(files.files.map((file) => file.path)).toContain('logs/stdout.log');
  const runId = run.data.tags['slipway.id'] ?? '';
  const stdout = keptOutput(join(tracked.storage.path, 'runs', runId, 'logs'), 'stdout').toString();
  expect(stdout).toBe('it\'s $(id) `id` "quoted"\n');
  expect(end.stdout).toContain('first');
  expect(await containersOf(run)).toBe('');
});

test('every event of --json is an object, and the result is the last', async () => {
  const end = await launch('--json', '--run-name', 'json');
  const events = jsonEvents(end.stdout);
  expect(events.at(-1)).toMatchObject({ type: 'result', result: { status: 'FINISHED', drained: true, exitStatus: 0 } });
  expect(events.map((event) => event.type)).toContain('registered');
});

test('values a shell script logs are on the server, once each', async () => {
  const end = await launch('-e', 'log', '-P', 'values=25', '--run-name', 'values');
  expect(end.exitCode).toBe(0);
  const run = await runOf('values');
  const history = await tracked.client.metricHistory(run.info.runId, 'value');
  expect(history.map((point) => point.step)).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
});

test("the program's exit code is the launcher's, and the run has failed with its reason", async () => {
  const end = await launch('-e', 'fail', '--run-name', 'failing');
  expect(end.exitCode).toBe(3);
  expect(end.stdout + end.stderr).toContain('exited with code 3');
  const run = await runOf('failing');
  expect(run.info.status).toBe('FAILED');
  expect(run.data.tags['slipway.reason']).toContain('exited with code 3');
});

test('Ctrl-C once stops politely: the program ends itself, and the run is KILLED', async () => {
  const running = startSlipway(
    ['run', tracked.project.path, '--storage', tracked.storage.path, '-e', 'sleep', '--run-name', 'interrupted'],
    { environment: { MLFLOW_TRACKING_URI: tracked.server.uri } },
  );
  await running.until('started');
  running.child.kill('SIGINT');
  const end = await running.ended;
  expect(end.exitCode).toBe(130);
  expect(end.stdout + end.stderr).toContain('stopping');
  const run = await runOf('interrupted');
  expect(run.info.status).toBe('KILLED');
  expect(await containersOf(run)).toBe('');
});

test('a second signal stops by force what does not listen to the first', async () => {
  const running = startSlipway(
    ['run', tracked.project.path, '--storage', tracked.storage.path, '-e', 'stubborn', '--run-name', 'stubborn'],
    { environment: { MLFLOW_TRACKING_URI: tracked.server.uri } },
  );
  await running.until('started');
  running.child.kill('SIGTERM');
  await running.until('by force');
  // Two signals at once are one request.
  await sleep(500);
  running.child.kill('SIGTERM');
  const end = await running.ended;
  expect(end.exitCode).toBe(143);
  expect((await runOf('stubborn')).info.status).toBe('KILLED');
});

test('an agent killed in the middle is replaced, and every value is there once', async () => {
  const running = startSlipway(
    [
      ...[
        'run',
        tracked.project.path,
        '--storage',
        tracked.storage.path,
        '-e',
        'log',
        '-P',
        'values=30',
        '--run-name',
        'adopted',
      ],
      ...['--env', 'STEP_SECONDS'],
    ],
    { environment: { MLFLOW_TRACKING_URI: tracked.server.uri, STEP_SECONDS: '0.1' } },
  );
  await running.until('step 5');
  const runId = /\d{8}-\d{6}-[0-9a-z]{4}/.exec(running.output().stderr)?.[0] ?? '';
  const agent = execFileSync('pgrep', ['-f', `agent .*${runId}`], { encoding: 'utf8' }).trim();
  process.kill(Number(agent), 'SIGKILL');
  const end = await running.ended;
  expect(end.stderr).toContain('takes the run over');
  expect(end.exitCode).toBe(0);
  const run = await runOf('adopted');
  expect(run.info.status).toBe('FINISHED');
  const history = await tracked.client.metricHistory(run.info.runId, 'value');
  expect(history.map((point) => point.step)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
  const stdout = keptOutput(join(tracked.storage.path, 'runs', runId, 'logs'), 'stdout').toString();
  expect(stdout.trim().split('\n')).toHaveLength(30);
});

test('a killed launcher changes nothing: the run goes on, and attach shows its end', async () => {
  const running = startSlipway(
    [
      ...[
        'run',
        tracked.project.path,
        '--storage',
        tracked.storage.path,
        '-e',
        'log',
        '-P',
        'values=20',
        '--run-name',
        'left-alone',
      ],
      ...['--env', 'STEP_SECONDS'],
    ],
    { environment: { MLFLOW_TRACKING_URI: tracked.server.uri, STEP_SECONDS: '0.1' } },
  );
  await running.until('step 3');
  running.child.kill('SIGKILL');
  await running.ended;
  const attached = await slipway(['attach', 'left-alone', '--storage', tracked.storage.path]);
  expect(attached.exitCode).toBe(0);
  expect((await runOf('left-alone')).info.status).toBe('FINISHED');
});

test('a run that lost launcher and agent is taken over by the next run of its storage', async () => {
  const running = startSlipway(
    [
      ...[
        'run',
        tracked.project.path,
        '--storage',
        tracked.storage.path,
        '-e',
        'log',
        '-P',
        'values=15',
        '--run-name',
        'orphan',
      ],
      ...['--env', 'STEP_SECONDS'],
    ],
    { environment: { MLFLOW_TRACKING_URI: tracked.server.uri, STEP_SECONDS: '0.1' } },
  );
  await running.until('step 3');
  const runId = /\d{8}-\d{6}-[0-9a-z]{4}/.exec(running.output().stderr)?.[0] ?? '';
  running.child.kill('SIGKILL');
  await running.ended;
  const agent = execFileSync('pgrep', ['-f', `agent .*${runId}`], { encoding: 'utf8' }).trim();
  process.kill(Number(agent), 'SIGKILL');
  const next = await launch('--run-name', 'next');
  expect(next.stderr).toContain(runId);
  const attached = await slipway(['attach', runId, '--storage', tracked.storage.path]);
  expect(attached.exitCode).toBe(0);
  const run = await runOf('orphan');
  expect(run.info.status).toBe('FINISHED');
  const history = await tracked.client.metricHistory(run.info.runId, 'value');
  expect(history.map((point) => point.step)).toEqual(Array.from({ length: 15 }, (_, index) => index + 1));
});

test('a server that is away in the middle and at the end of a run gets everything later', async () => {
  const running = startSlipway(
    [
      ...[
        'run',
        tracked.project.path,
        '--storage',
        tracked.storage.path,
        '-e',
        'log',
        '-P',
        'values=20',
        '--run-name',
        'outage',
      ],
      ...['--env', 'STEP_SECONDS', '--drain-timeout', '2'],
    ],
    { environment: { MLFLOW_TRACKING_URI: tracked.server.uri, STEP_SECONDS: '0.1' } },
  );
  await running.until('step 5');
  await tracked.server.kill();
  const end = await running.ended;
  expect(end.exitCode).toBe(75);
  expect(end.stdout + end.stderr).toMatch(/not everything has reached the server/i);
  await tracked.server.restart();
  const attached = await slipway(['attach', 'outage', '--storage', tracked.storage.path]);
  expect(attached.exitCode).toBe(0);
  const run = await runOf('outage');
  expect(run.info.status).toBe('FINISHED');
  const history = await tracked.client.metricHistory(run.info.runId, 'value');
  expect(history.map((point) => point.step)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
});

test('uncommitted changes make an image of their own, and the difference is kept', async () => {
  writeFileSync(join(tracked.project.path, 'new-file.txt'), 'not committed\n');
  const end = await launch('--run-name', 'dirty');
  tracked.project.git('clean', '-fdq');
  expect(end.exitCode).toBe(0);
  const run = await runOf('dirty');
  expect(run.data.tags['mlflow.source.git.dirty']).toBe('true');
  expect(run.data.tags['mlflow.docker.image.uri']).toMatch(/^echo:[0-9a-f]{12}-dirty-/);
  const files = await tracked.client.listArtifacts(run.info.runId, 'source');
  expect(files.files.map((file) => file.path)).toContain('source/changes.patch');
});
