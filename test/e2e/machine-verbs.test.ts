import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { spawnAgent } from '../../src/agent/index.ts';
import type { DockerEngine } from '../../src/docker/index.ts';
import type { RunRecord } from '../../src/runs/index.ts';
import { agentProcesses } from '../support/agent-processes.ts';
import {
  type RunningSlipway,
  requireDocker,
  skip,
  slipway,
  startSlipway,
  temporaryDirectory,
} from '../support/index.ts';
import { TrackedProject } from '../support/tracked-project.ts';

let engine: DockerEngine;
let tracked: TrackedProject;

beforeAll(async () => {
  tracked = await TrackedProject.open('echo', 'docker');
  engine = await requireDocker();
});

afterAll(async () => {
  for (const { child } of supervisors) child.kill('SIGKILL');
  if (tracked === undefined) return;
  for (const { id } of await containersHere()) await engine.removeContainer(id);
  await tracked[Symbol.asyncDispose]();
});

async function containersHere() {
  const containers = await engine.listContainers({ label: 'slipway.run' });
  return containers.filter(({ labels }) => labels['slipway.storage'] === tracked.storage.path);
}

const environment = () => ({
  MLFLOW_TRACKING_URI: tracked.server.uri,
  STEP_SECONDS: '0.3',
  XDG_STATE_HOME: tracked.storage.join('state'),
});
/** A supervisor that a failed test has left must not stay. */
const supervisors: RunningSlipway[] = [];
const here = (words: readonly string[]) =>
  slipway([...words, '--storage', tracked.storage.path], { environment: environment() });

interface StartedRun {
  readonly name: string;
  readonly runId: string;
  readonly directory: string;
}

/** Launches a run and leaves its launcher as a closed terminal does; resolves once its program has written. */
async function leftRun(name: string, entryPoint: string, words: readonly string[] = []): Promise<StartedRun> {
  const before = new Set(runFolders());
  const running = startSlipway(
    ['run', tracked.project.path, '--storage', tracked.storage.path, '-e', entryPoint, '--run-name', name, ...words],
    { environment: environment() },
  );
  // The program's own line: that it has started is told before.
  await running.until(entryPoint === 'log' ? 'value' : /^started$/m);
  running.child.kill('SIGKILL');
  await running.ended;
  const runId = runFolders().find((folder) => !before.has(folder)) ?? '';
  return { name, runId, directory: join(tracked.storage.path, 'runs', runId) };
}

function runFolders(): string[] {
  const folder = join(tracked.storage.path, 'runs');
  return existsSync(folder) ? readdirSync(folder) : [];
}

function stateOf({ directory }: StartedRun): RunRecord {
  return JSON.parse(readFileSync(join(directory, 'state.json'), 'utf8')) as RunRecord;
}

/** Kills the agent as the kernel would for want of memory, and waits until it is gone. */
async function killAgent(run: StartedRun): Promise<void> {
  const pids = agentProcesses(run.directory);
  expect(pids).toHaveLength(1);
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  await eventually(() => agentProcesses(run.directory).length === 0);
}

async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((wake) => setTimeout(wake, 50));
}

async function listed(...words: string[]): Promise<Record<string, unknown>[]> {
  const { stdout, exitCode } = await here(['ps', '--json', ...words]);
  expect(exitCode).toBe(0);
  return JSON.parse(stdout) as Record<string, unknown>[];
}

const listedRun = async (run: StartedRun, ...words: string[]) =>
  (await listed(...words)).find(({ runId }) => runId === run.runId);

async function recorded(run: StartedRun) {
  return tracked.client.getRun(stateOf(run).mlflowRunId ?? '');
}

const logWords = ['-P', 'values=12', '--env', 'STEP_SECONDS'];

test('ps gives a run another agent that lost its own: it ends FINISHED with every value, and rm takes it away', async () => {
  const run = await leftRun('lost', 'log', logWords);
  await killAgent(run);
  const table = await here(['ps']);
  expect(table.stderr).toContain(`Runs whose agent was gone go on with a new one: ${run.runId}`);
  expect(table.stdout).toContain('lost');

  const followed = await here(['logs', '-f', 'lost']);
  expect(followed.exitCode).toBe(0);
  expect(followed.stdout.trim().split('\n')).toHaveLength(12);
  await eventually(() => stateOf(run).statusSent);
  const { info } = await recorded(run);
  expect(info.status).toBe('FINISHED');
  const history = await tracked.client.metricHistory(info.runId, 'value');
  expect(history.map(({ step }) => step)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
  await eventually(() => agentProcesses(run.directory).length === 0);

  expect(await listedRun(run)).toBeUndefined();
  expect(await listedRun(run, '--all')).toMatchObject({ state: 'finished', agent: null, epoch: 12, isOwn: true });
  const removed = await here(['rm', 'lost']);
  expect(removed).toMatchObject({ exitCode: 0 });
  expect(existsSync(run.directory)).toBe(false);
  expect((await tracked.client.getRun(info.runId)).info.lifecycleStage).toBe('active');
});

test('of many agents that take one run over at once, one works, and every value is there once', async () => {
  const run = await leftRun('crowded', 'log', logWords);
  await killAgent(run);
  const agents = Array.from({ length: 6 }, () => spawnAgent(run.directory, { environment: environment() }));
  const codes = await Promise.all(agents.map(async (agent) => (await once(agent, 'exit'))[0] as number | null));
  expect(codes.toSorted()).toEqual([0, 3, 3, 3, 3, 3]);
  const { info } = await recorded(run);
  expect(info.status).toBe('FINISHED');
  expect(await tracked.client.metricHistory(info.runId, 'value')).toHaveLength(12);
  const stdout = readFileSync(join(run.directory, 'logs', 'stdout.log'), 'utf8');
  expect(stdout.trim().split('\n')).toHaveLength(12);
});

test('stop ends a run whose agent is gone, and says how it ended; another stop changes nothing', async () => {
  const run = await leftRun('stoppable', 'sleep');
  await killAgent(run);
  const refused = await here(['rm', 'stoppable']);
  expect(refused.exitCode).toBe(64);
  expect(refused.stderr).toContain('slipway stop');
  const stopped = await here(['stop', 'stoppable']);
  expect(stopped.stderr).toContain('another one takes the run over');
  expect(stopped.stdout).toMatch(/^stoppable \(.*\) KILLED: it was stopped by \S+ with slipway stop/);
  expect(stopped.exitCode).toBe(0);
  await eventually(() => stateOf(run).statusSent);
  expect((await recorded(run)).info.status).toBe('KILLED');
  const again = await here(['stop', 'stoppable', '--json']);
  expect(again.exitCode).toBe(0);
  expect(JSON.parse(again.stdout)).toMatchObject([{ runId: run.runId, wasRunning: false, status: 'KILLED' }]);
});

test('a program that does not heed a polite stop is ended after the time it is given', async () => {
  const run = await leftRun('deaf', 'stubborn');
  // Whoever does not wait for it is told that the stop goes on.
  const impatient = startSlipway(['stop', '--timeout', '60', 'deaf', '--storage', tracked.storage.path], {
    environment: environment(),
  });
  await impatient.until('Stopping');
  impatient.child.kill('SIGINT');
  expect(await impatient.ended).toMatchObject({ exitCode: 130, stderr: expect.stringContaining('goes on to its end') });
  const stopped = await here(['stop', '--timeout', '1', run.runId.slice(0, -2)]);
  expect(stopped).toMatchObject({ exitCode: 0 });
  expect(stopped.stdout).toContain('exit code 137');
  expect(stateOf(run)).toMatchObject({
    state: 'killed',
    exitCode: 137,
    stopBy: expect.stringContaining('slipway stop'),
  });
});

test('a container whose run folder is gone is listed, and removed by the command that is told', async () => {
  const run = await leftRun('orphan', 'sleep');
  await killAgent(run);
  rmSync(run.directory, { recursive: true });
  const list = await here(['ps']);
  expect(list.stdout).toMatch(new RegExp(`orphaned \\(running\\).*${run.runId}`));
  expect(list.stderr.replaceAll(/\s+/g, ' ')).toContain(`rm --force ${run.runId} --storage ${tracked.storage.path}`);
  const refused = await here(['rm', run.runId]);
  expect(refused.exitCode).toBe(64);
  const removed = await here(['rm', '--force', run.runId]);
  expect(removed.stdout).toContain(`container slipway-${run.runId}`);
  expect((await containersHere()).map(({ labels }) => labels['slipway.run'])).not.toContain(run.runId);
});

test('ps lists what is in the folders where no engine answers', async () => {
  const run = await leftRun('unseen', 'sleep');
  // From anywhere: the launch has remembered its storage.
  const variables = { ...environment(), DOCKER_HOST: 'unix:///nowhere/docker.sock' };
  const list = await slipway(['ps', '--json'], { cwd: '/', environment: variables });
  expect(list.exitCode).toBe(0);
  expect(list.stderr).toContain('No Docker engine runs here');
  expect(JSON.parse(list.stdout)).toContainEqual(
    expect.objectContaining({ runId: run.runId, container: null, agent: 'alive' }),
  );
  const removed = await here(['rm', '--force', 'unseen']);
  expect(removed).toMatchObject({ exitCode: 0 });
  expect(agentProcesses(run.directory)).toEqual([]);
});

test("another user's runs are seen and read, and neither stopped, removed nor pruned", async () => {
  if (process.getuid?.() !== 0) skip('only root can be another user');
  expect((await here(['run', tracked.project.path, '--run-name', 'older'])).exitCode).toBe(0);
  const run = await leftRun('mine', 'sleep');
  await killAgent(run);
  execFileSync('chmod', ['755', tracked.storage.path]);
  const asOther = (words: readonly string[]) =>
    slipway([...words, '--storage', tracked.storage.path], { uid: 12_345, environment: { HOME: '/nonexistent' } });
  const list = await asOther(['ps', '--json']);
  expect(JSON.parse(list.stdout)).toContainEqual(
    expect.objectContaining({ runId: run.runId, isOwn: false, agent: 'gone' }),
  );
  expect((await asOther(['logs', 'mine'])).stdout).toBe('started\n');
  const stop = await asOther(['stop', 'mine']);
  expect(stop.exitCode).toBe(64);
  expect(stop.stderr).toContain('belongs to');
  expect((await asOther(['rm', '--force', 'mine'])).exitCode).toBe(64);
  expect(agentProcesses(run.directory)).toEqual([]);
  expect((await here(['stop', '--force', 'mine'])).exitCode).toBe(0);
  await eventually(() => stateOf(run).statusSent);
  // Not even where the file system would let them.
  execFileSync('chmod', ['-R', 'a+rwX', tracked.storage.path]);
  const prune = await asOther(['prune', '--older-than', '0s', '--yes', '--json', '--runs']);
  expect(prune.exitCode).toBe(0);
  expect(JSON.parse(prune.stdout)).toEqual({ items: [], removed: [], kept: [] });
  expect(existsSync(run.directory)).toBe(true);
  await eventually(() => agentProcesses(run.directory).length === 0);
  const own = await here(['prune', '--older-than', '0s', '--keep', '1', '--dry-run', '--json']);
  const goes = (JSON.parse(own.stdout) as { items: { id: string }[] }).items.map(({ id }) => id);
  // The newest of its experiment stays.
  expect(goes).not.toContain(run.runId);
  expect(goes.length).toBeGreaterThan(0);
  expect(await here(['prune', '--older-than', '0s'])).toMatchObject({ exitCode: 64 });
  expect(existsSync(run.directory)).toBe(true);
  expect(await here(['prune', '--older-than', '0s', '--yes'])).toMatchObject({ exitCode: 0 });
  expect(runFolders()).toEqual([]);
});

test('supervise gives a run another agent, is there once, and leaves the agent alone when it ends', async () => {
  const words = ['supervise', '--interval', '1', '--storage', tracked.storage.path];
  const supervisor = startSlipway(words, { environment: environment() });
  supervisors.push(supervisor);
  await supervisor.until('Looks after the runs');
  const second = await slipway(words);
  expect(second).toMatchObject({ exitCode: 64 });
  expect(second.stderr).toMatch(/^\S+ Another `.*slipway supervise` of yours is at work/);
  const run = await leftRun('watched', 'sleep');
  await killAgent(run);
  await supervisor.until(run.runId);
  supervisor.child.kill('SIGTERM');
  expect((await supervisor.ended).exitCode).toBe(143);
  await eventually(() => agentProcesses(run.directory).length === 1);
  expect((await here(['stop', '--force', 'watched'])).stdout).toContain('KILLED');
});

test("a plan that names this user in somebody else's folder is not carried out", async () => {
  if (process.getuid?.() !== 0) skip('only root can give a folder to another user');
  const run = await leftRun('planted', 'sleep');
  await killAgent(run);
  chownSync(run.directory, 12_345, 12_345);
  const list = await here(['ps', '--json']);
  expect(list.stderr).not.toContain(run.runId);
  expect(JSON.parse(list.stdout)).toContainEqual(expect.objectContaining({ runId: run.runId, agent: 'gone' }));
  expect((await here(['stop', 'planted'])).exitCode).toBe(64);
  chownSync(run.directory, 0, 0);
  expect((await here(['rm', '--force', 'planted'])).exitCode).toBe(0);
});

test('supervise is installed as a unit of the user, and taken away again', async () => {
  await using folder = await temporaryDirectory();
  const log = folder.join('calls.log');
  for (const program of ['systemctl', 'loginctl']) {
    writeFileSync(folder.join(program), `#!/bin/sh\necho ${program} "$@" >> ${log}\necho Linger=no\n`);
    chmodSync(folder.join(program), 0o755);
  }
  const variables = { XDG_CONFIG_HOME: folder.join('config'), PATH: `${folder.path}:${process.env.PATH}` };
  const installed = await slipway(['supervise', '--install'], { environment: variables });
  const unit = folder.join('config/systemd/user/slipway-supervise.service');
  expect(installed).toMatchObject({ exitCode: 0, stdout: `Installed and started: ${unit}\n` });
  expect(installed.stderr).toContain('loginctl enable-linger');
  expect(readFileSync(unit, 'utf8')).toMatch(/^ExecStart=.*bin\/slipway supervise --interval 15$/m);
  const removed = await slipway(['supervise', '--uninstall'], { environment: variables });
  expect(removed).toMatchObject({ exitCode: 0, stdout: `Removed: ${unit}\n` });
  expect(existsSync(unit)).toBe(false);
  expect(readFileSync(log, 'utf8')).toContain('systemctl --user disable --now slipway-supervise.service');
  const without = await slipway(['supervise', '--install'], {
    environment: { ...variables, PATH: folder.join('nothing') },
  });
  expect(without).toMatchObject({ exitCode: 0, stdout: `Installed: ${unit}\n` });
  expect(without.stderr.replaceAll(/\s+/g, ' ')).toContain('systemctl --user enable --now slipway-supervise.service');
});
