import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MlflowClient, type Run } from '../../src/mlflow/index.ts';
import { agentProcesses } from '../support/agent-processes.ts';
import { testBaseImage } from '../support/base-image.ts';
import {
  type GitProject,
  gitProject,
  jsonEvents,
  type MlflowServer,
  requireDocker,
  slipway,
  startMlflow,
  startSlipway,
  type TemporaryDirectory,
  temporaryDirectory,
} from '../support/index.ts';
import { killProgram } from '../support/kill-program.ts';

let server: MlflowServer;
let client: MlflowClient;
let project: GitProject;
let storage: TemporaryDirectory;
/** The loss of each epoch of a run that nothing interrupts. */
let undisturbed: number[];

const epochs = 8;
const engines = ['host', 'docker'] as const;

beforeAll(async () => {
  await requireDocker();
  server = await startMlflow();
  client = new MlflowClient({ trackingUri: server.uri, environment: {} });
  storage = await temporaryDirectory();
  project = await gitProject('resumable', { baseImage: await testBaseImage() });
  const end = await slipway(launchWords('undisturbed', 'host'), environment('0'));
  expect(end.exitCode).toBe(0);
  undisturbed = await losses(await runOf('undisturbed'));
  expect(undisturbed).toHaveLength(epochs);
});

afterAll(async () => {
  await project?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
  await storage?.[Symbol.asyncDispose]();
});

function launchWords(name: string, engine: string): string[] {
  const words = ['run', project.path, '--storage', storage.path, '--engine', engine, '--run-name', name];
  return [...words, '-P', `epochs=${epochs}`, '--env', 'EPOCH_SECONDS'];
}

function environment(epochSeconds = '0.2') {
  return { environment: { MLFLOW_TRACKING_URI: server.uri, EPOCH_SECONDS: epochSeconds } };
}

const resume = (name: string, ...words: string[]) =>
  slipway(['run', '--resume', name, '--storage', storage.path, ...words], environment('0'));

/** Starts a run that is slow enough to be interrupted, and waits for its third epoch. */
async function startRun(name: string, engine: string) {
  const running = startSlipway(launchWords(name, engine), environment());
  await running.until('epoch 3');
  const runId = /\d{8}-\d{6}-[0-9a-z]{4}/.exec(running.output().stderr)?.[0] ?? '';
  return { running, runId, directory: join(storage.path, 'runs', runId) };
}

async function runOf(name: string): Promise<Run> {
  const experiment = await client.getExperimentByName('resumable');
  const experimentIds = [experiment?.experimentId ?? ''];
  const { items } = await client.searchRuns({ experimentIds, filter: `attributes.run_name = '${name}'` });
  expect(items).toHaveLength(1);
  return client.getRun(items[0]?.info.runId ?? '');
}

async function losses(run: Run): Promise<number[]> {
  const history = await client.metricHistory(run.info.runId, 'loss');
  expect(history.map(({ step }) => step)).toEqual(history.map((_, index) => index + 1));
  return history.map(({ value }) => value);
}

/** Every number as in the undisturbed run, once, in one run that ended well. */
async function expectWhole(name: string, attempts: number): Promise<Run> {
  const run = await runOf(name);
  expect(run.info.status).toBe('FINISHED');
  expect(run.data.tags).toMatchObject({ 'slipway.resumed': String(attempts - 1) });
  expect(run.data.tags).not.toHaveProperty('slipway.reason');
  expect(await losses(run)).toEqual(undisturbed);
  expect(run.data.metrics.final).toBe(undisturbed.at(-1));
  expect(run.data.params).toEqual({ epochs: String(epochs), rate: '0.5' });
  return run;
}

function stateOf(directory: string): { attempt: number; reason: string | null; exitCode: number | null } {
  return JSON.parse(readFileSync(join(directory, 'state.json'), 'utf8'));
}

describe.each(engines)('on the engine %s', (engine) => {
  test('a run whose program was killed goes on in the same run, and its output is appended', async () => {
    const name = `program killed, ${engine}`;
    const { running, runId, directory } = await startRun(name, engine);
    killProgram(directory);
    const failed = await running.ended;
    expect(failed.exitCode).toBe(137);
    expect(failed.stdout).toContain(`run --resume ${runId}`);
    expect((await runOf(name)).info.status).toBe('FAILED');

    const end = await resume(name);
    expect(end.stderr).toContain(`Resumes ${name} (${runId}): attempt 2, recorded up to step `);
    expect(end.stderr).toMatch(/goes on after epoch \d/);
    expect(end.stderr).not.toContain('begins');
    expect(end.exitCode).toBe(0);
    const run = await expectWhole(name, 2);
    const stdout = readFileSync(join(directory, 'logs', 'stdout.log'), 'utf8')
      .split('\n')
      .filter(Boolean);
    expect(stdout[0]).toBe('begins');
    expect(stdout.filter((line) => line.startsWith(`--- run ${runId}, attempt 2, `))).toHaveLength(1);
    expect(stdout.filter((line) => /^epoch \d$/.test(line))).toEqual(
      Array.from({ length: epochs }, (_, index) => `epoch ${index + 1}`),
    );
    expect(run.data.tags['mlflow.note.content']).toContain('Resumed once');
    expect(run.data.tags['mlflow.note.content']).toContain('FINISHED');
    expect(stateOf(join(directory, 'attempts', '1'))).toMatchObject({ attempt: 1, exitCode: 137 });
    expect(stateOf(directory)).toMatchObject({ attempt: 2, exitCode: 0 });

    const attached = await slipway(['attach', name, '--storage', storage.path, '--json']);
    const events = jsonEvents(attached.stdout);
    expect(events.filter(({ type }) => type === 'result')).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({ result: { status: 'FINISHED', attempt: 2, reason: null } });
  });

  test('a run whose launcher, agent and program were killed at once goes on, however often', async () => {
    const name = `all killed, ${engine}`;
    const { running, runId, directory } = await startRun(name, engine);
    running.child.kill('SIGKILL');
    for (const pid of agentProcesses(directory)) process.kill(pid, 'SIGKILL');
    killProgram(directory);
    await running.ended;

    const second = startSlipway(['run', '--resume', runId, '--storage', storage.path], environment());
    await second.until('epoch 5');
    second.child.kill('SIGKILL');
    for (const pid of agentProcesses(directory)) process.kill(pid, 'SIGKILL');
    killProgram(directory, 2);
    await second.ended;
    // A line that a kill has torn in the middle.
    writeFileSync(join(directory, 'events', 'train.ndjson'), '{"v":1,"type":"met', { flag: 'a' });

    const end = await resume(runId.slice(0, 18));
    expect(end.exitCode).toBe(0);
    await expectWhole(name, 3);
    expect(readdirSync(join(directory, 'attempts')).sort()).toEqual(['1', '2']);
  });

  test('a run that was stopped by Ctrl-C goes on, and where it has ended only with more epochs', async () => {
    const name = `stopped, ${engine}`;
    const { running, runId } = await startRun(name, engine);
    running.child.kill('SIGINT');
    const stopped = await running.ended;
    expect(stopped.exitCode).toBe(130);
    expect(stopped.stdout).toContain(`run --resume ${runId}`);
    expect((await runOf(name)).info.status).toBe('KILLED');

    const end = await resume(name);
    expect(end.exitCode).toBe(0);
    await expectWhole(name, 2);

    const again = await resume(name);
    expect(again.exitCode).toBe(64);
    expect(again.stderr).toContain('has finished its 8 epochs');
    const more = await resume(name, '-P', 'epochs=10');
    expect(more.stderr).toContain('attempt 3');
    expect(more.exitCode).toBe(0);
    const run = await runOf(name);
    expect(run.info.status).toBe('FINISHED');
    expect((await losses(run)).slice(0, epochs)).toEqual(undisturbed);
    expect(await losses(run)).toHaveLength(10);
    expect(run.data.params.epochs).toBe('8');
    expect(run.data.tags).toMatchObject({ 'slipway.resumed': '2', 'slipway.param_conflict.epochs': '10' });
    const shown = await slipway(['runs', 'show', name, '--storage', storage.path, '--json'], environment());
    expect(JSON.parse(shown.stdout).run.parameters.epochs).toBe('10');
  });
});

test('a run that goes on already is not resumed', async () => {
  const { running, runId } = await startRun('busy', 'host');
  const end = await resume('busy');
  expect(end.exitCode).toBe(64);
  expect(end.stderr).toContain(`The run ${runId} cannot be resumed: it is running.`);
  expect(end.stderr).toContain(`slipway attach ${runId}`);
  expect((await running.ended).exitCode).toBe(0);
});

test('on the host only the files that it was launched from go on', async () => {
  const { running } = await startRun('changed', 'host');
  running.child.kill('SIGINT');
  await running.ended;
  writeFileSync(join(project.path, 'new-file.txt'), 'not committed\n');
  const end = await resume('changed');
  project.git('clean', '-fdq');
  expect(end.exitCode).toBe(64);
  expect(end.stderr).toContain(`launched from commit ${project.commit.slice(0, 12)}, but`);
  expect(end.stderr).toMatch(/with changes \(files [0-9a-f]{12}\)/);
  expect((await resume('changed')).exitCode).toBe(0);
});

test('what decides a run cannot be changed, and a wrong wish leaves the run as it is', async () => {
  const { running, directory } = await startRun('fixed', 'host');
  running.child.kill('SIGINT');
  await running.ended;
  for (const [words, message] of [
    [['-P', 'rate=0.1'], 'Parameter rate is 0.1, but the run fixed has 0.5'],
    [['-P', 'epochs=8'], 'must be more than the 8 of the run fixed'],
    [['--engine', 'docker'], '--engine is docker, but the run fixed has host'],
    [['--gpus', 'all'], '--gpus is all, but the run fixed has none'],
  ] as const) {
    const end = await resume('fixed', ...words);
    expect(end.exitCode).toBe(64);
    expect(end.stderr).toContain(message);
  }
  expect(existsSync(join(directory, 'attempts'))).toBe(false);
});
