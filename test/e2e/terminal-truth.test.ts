import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { agentProcesses } from '../support/agent-processes.ts';
import { testBaseImage } from '../support/base-image.ts';
import { startFaultyProxy } from '../support/faulty-proxy.ts';
import { gitProject, startSlipway, temporaryDirectory } from '../support/index.ts';
import { TrackedProject } from '../support/tracked-project.ts';

/** However a program ends: the status on the server is true, and says why. */

let tracked: TrackedProject;

beforeAll(async () => {
  tracked = await TrackedProject.open('echo', 'docker');
});

afterAll(async () => {
  await tracked?.[Symbol.asyncDispose]();
});

/** Starts a run whose program goes on until somebody ends it, and waits until it has begun. */
async function start(
  name: string,
  entryPoint: string,
  words: string[] = [],
  place = tracked.storage.path,
  uri = tracked.server.uri,
) {
  const running = startSlipway(
    ['run', tracked.project.path, '--storage', place, '-e', entryPoint, '--run-name', name, ...words],
    { environment: { MLFLOW_TRACKING_URI: uri, SLIPWAY_SERVER_POLL_S: '0.5' } },
  );
  await running.until('started');
  const folders = join(place, 'runs');
  const runId = readdirSync(folders).sort().at(-1) ?? '';
  const directory = join(folders, runId);
  const container = () => containersOf(runId)[0] ?? '';
  return { running, runId, directory, container };
}

function containersOf(runId: string): string[] {
  const words = ['ps', '--all', '--quiet', '--filter', `label=slipway.run=${runId}`];
  return execFileSync('docker', words, { encoding: 'utf8' }).split('\n').filter(Boolean);
}

async function onServer(name: string) {
  const experiment = await tracked.client.getExperimentByName('echo');
  const experimentIds = [experiment?.experimentId ?? ''];
  const found = (await tracked.client.searchRuns({ experimentIds, filter: `attributes.run_name = '${name}'` })).items;
  expect(found).toHaveLength(1);
  return found[0]!;
}

test('the tag slipway.stop ends a stubborn container by force after its grace: KILLED, 143', async () => {
  const run = await start('tagged', 'stubborn', ['--stop-grace', '1']);
  await tracked.client.setTag((await onServer('tagged')).info.runId, 'slipway.stop', 'true');
  expect((await run.running.ended).exitCode).toBe(143);
  const { info, data } = await onServer('tagged');
  expect(info.status).toBe('KILLED');
  expect(data.tags['slipway.reason']).toBe('it was stopped from the MLflow UI (tag slipway.stop)');
  expect(containersOf(run.runId)).toEqual([]);
});

test('the tag slipway.stop ends a program of the host engine', async () => {
  const run = await start('tagged-host', 'sleep', ['--engine', 'host']);
  await tracked.client.setTag((await onServer('tagged-host')).info.runId, 'slipway.stop', 'true');
  expect((await run.running.ended).exitCode).toBe(143);
  expect((await onServer('tagged-host')).info.status).toBe('KILLED');
});

test('a container that is killed from outside has failed with the signal and its last lines', async () => {
  const run = await start('killed', 'stubborn');
  execFileSync('docker', ['kill', run.container()]);
  const end = await run.running.ended;
  expect(end.exitCode).toBe(137);
  const { info, data } = await onServer('killed');
  expect(info.status).toBe('FAILED');
  expect(data.tags).toMatchObject({
    'slipway.failure': 'signal',
    'slipway.reason': 'the program was ended from outside by signal 9 (SIGKILL)',
    'slipway.exit_code': '137',
    'slipway.last_lines': expect.stringContaining('started'),
  });
});

test('a container that is removed from outside has failed, and its agent does not start again and again', async () => {
  const run = await start('removed', 'stubborn');
  execFileSync('docker', ['rm', '--force', run.container()]);
  const end = await run.running.ended;
  expect(end.exitCode).not.toBe(0);
  expect(end.stderr).not.toContain('takes the run over');
  const { info, data } = await onServer('removed');
  expect(info.status).toBe('FAILED');
  expect(data.tags['slipway.reason']).toMatch(/removed|SIGKILL/);
});

test('a program that takes more memory than it may has failed for want of memory', async () => {
  await using greedy = await gitProject('echo', { baseImage: await testBaseImage() });
  writeFileSync(
    join(greedy.path, 'MLproject'),
    `name: echo\ndocker_env:\n  image: ${await testBaseImage()}\nentry_points:\n  main:\n    command: >-\n      node -e "const all = []; for (;;) all.push(Buffer.alloc(4000000, 1))"\n`,
  );
  greedy.git('commit', '--quiet', '--all', '--message', 'Greedy');
  const words = ['run', greedy.path, '--storage', tracked.storage.path, '--run-name', 'greedy', '--memory', '128m'];
  const end = await startSlipway(words, { environment: { MLFLOW_TRACKING_URI: tracked.server.uri } }).ended;
  expect(end.exitCode).toBe(137);
  expect((await onServer('greedy')).data.tags).toMatchObject({
    'slipway.failure': 'out-of-memory',
    'slipway.reason': 'the program was killed for want of memory (its limit is 128 MiB)',
  });
});

test('an agent that gets SIGTERM leaves, and the next one carries the run to its end', async () => {
  const run = await start('left', 'sleep');
  for (const pid of agentProcesses(run.directory)) process.kill(pid, 'SIGTERM');
  await run.running.until('takes the run over');
  await vi.waitFor(() => expect(agentProcesses(run.directory)).not.toEqual([]));
  expect(containersOf(run.runId)).toHaveLength(1);
  run.running.child.kill('SIGINT');
  expect((await run.running.ended).exitCode).toBe(130);
  expect((await onServer('left')).info.status).toBe('KILLED');
});

test('a run folder that is removed ends the run: FAILED on the server, exit code 73, nothing left behind', async () => {
  const run = await start('folderless', 'sleep');
  // What is being written there at this moment is in the way of the first tries.
  await vi.waitFor(() => rmSync(run.directory, { recursive: true, force: true }));
  const end = await run.running.ended;
  expect(end.exitCode).toBe(73);
  expect(end.stderr).toContain('could not take how');
  const { info, data } = await onServer('folderless');
  expect(info.status).toBe('FAILED');
  expect(data.tags).toMatchObject({
    'slipway.failure': 'storage',
    'slipway.reason': `the run folder ${run.directory} was removed`,
    'slipway.incomplete': expect.stringContaining('was removed'),
  });
  expect(containersOf(run.runId)).toEqual([]);
  expect(existsSync(run.directory)).toBe(false);
});

test('a run folder that is removed while the server is away keeps nobody waiting, and the server hears of it', async () => {
  await using proxy = await startFaultyProxy(tracked.server.uri);
  const words = ['--stop-grace', '1', '--drain-timeout', '1'];
  const run = await start('folderless-alone', 'sleep', words, tracked.storage.path, proxy.uri);
  proxy.fault = { path: '/api/', status: 503 };
  await vi.waitFor(() => rmSync(run.directory, { recursive: true, force: true }));
  const end = await run.running.ended;
  expect(end.exitCode).toBe(73);
  expect(end.stderr).toContain("the tracking server has not taken the run's end yet");
  expect(containersOf(run.runId)).toEqual([]);
  proxy.fault = null;
  await vi.waitFor(() => expect(agentProcesses(run.directory)).toEqual([]), { timeout: 60_000, interval: 200 });
  expect((await onServer('folderless-alone')).info.status).toBe('FAILED');
  expect(existsSync(run.directory)).toBe(false);
});

test('a plan that is gone when an agent takes over ends the run: FAILED on the server', async () => {
  const run = await start('planless', 'sleep');
  rmSync(join(run.directory, 'plan.json'));
  for (const pid of agentProcesses(run.directory)) process.kill(pid, 'SIGKILL');
  const end = await run.running.ended;
  expect(end.exitCode).toBe(73);
  const { info, data } = await onServer('planless');
  expect(info.status).toBe('FAILED');
  expect(data.tags['slipway.reason']).toContain('plan.json');
  expect(containersOf(run.runId)).toEqual([]);
});

test('a disk that is full ends the run FAILED, and its folder says so', async () => {
  await using mount = await temporaryDirectory();
  if (process.getuid?.() !== 0) return;
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', mount.path]);
  try {
    const run = await start('full', 'stubborn', [], mount.path);
    const stateFile = join(run.directory, 'state.json');
    // Its start is written down: from here on only its end is.
    await vi.waitFor(() => expect(readFileSync(stateFile, 'utf8')).toContain('"running"'));
    // All of it but what the run itself has reserved.
    expect(() => writeFileSync(join(mount.path, 'hog'), Buffer.alloc(8_000_000, 1))).toThrow('ENOSPC');
    execFileSync('docker', ['kill', run.container()]);
    const end = await run.running.ended;
    expect(end.exitCode, end.stderr).toBe(137);
    expect((await onServer('full')).info.status).toBe('FAILED');
    const state = JSON.parse(readFileSync(stateFile, 'utf8')) as Record<string, unknown>;
    expect(state).toMatchObject({ state: 'failed', exitCode: 137, statusSent: true });
    const names = readdirSync(run.directory);
    expect(names.filter((name) => name.endsWith('.tmp') || name === '.reserve')).toEqual([]);
  } finally {
    execFileSync('umount', ['--lazy', mount.path]);
  }
});
