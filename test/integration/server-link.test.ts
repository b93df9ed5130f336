import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { readJournal } from '../../src/agent/journal.ts';
import { carryOut } from '../../src/agent/lifecycle.ts';
import { RunContext } from '../../src/agent/run-context.ts';
import { StopRequests } from '../../src/agent/stop-requests.ts';
import type { Executor, ProgramExit } from '../../src/executors/executor.ts';
import { MlflowClient, type Run } from '../../src/mlflow/index.ts';
import { RunLogAppender } from '../../src/runlog/index.ts';
import { createRunDirectory, listUnsettledRuns, type RunPaths, readState, writePlan } from '../../src/runs/index.ts';
import { examplePlan } from '../support/example-plan.ts';
import { type FaultyProxy, startFaultyProxy } from '../support/faulty-proxy.ts';
import { type MlflowServer, startMlflow, type TemporaryDirectory, temporaryDirectory } from '../support/index.ts';

/** What people do to a run on its server, and what becomes of it when the server loses its data. */

let server: MlflowServer;
let proxy: FaultyProxy;
let client: MlflowClient;
let storage: TemporaryDirectory;
let run: RunPaths & { readonly runId: string };

beforeAll(async () => {
  server = await startMlflow();
  proxy = await startFaultyProxy(server.uri);
  client = new MlflowClient({ trackingUri: server.uri });
});

beforeEach(async () => {
  vi.stubEnv('SLIPWAY_SERVER_POLL_S', '0.2');
  storage = await temporaryDirectory();
  run = await createRunDirectory(storage.path);
});

afterEach(async () => {
  proxy.fault = null;
  vi.unstubAllEnvs();
  await storage.remove();
});

afterAll(async () => {
  await client?.close();
  await proxy?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

/** A program that runs until it is stopped, or until the test ends it. */
class Program implements Executor {
  readonly name = 'scripted';
  readonly stops: string[] = [];
  end: (exitCode: number) => void = () => {};
  /** What it does between the wish to stop and its end. */
  lastAct: () => Promise<void> = async () => {};
  readonly #exit = new Promise<ProgramExit>((resolve) => {
    this.end = (exitCode) =>
      resolve({ exitCode, outOfMemory: false, error: null, startedAtMs: null, finishedAtMs: null });
  });
  prepare = async () => ({ image: null, reused: true });
  start = async () => ({ executor: 'scripted' });
  inspect = async () => ({ state: 'running' }) as const;
  wait = () => this.#exit;
  followOutput = async () => {};
  leftovers = async () => [];
  stop = async (_handle: unknown, how: 'polite' | 'force') => {
    this.stops.push(how);
    await this.lastAct();
    this.end(143);
  };
  remove = async () => {};
  find = async () => null;
}

/** The agent of a run at work, as a process of its own would be. */
async function begin(program: Program) {
  const plan = examplePlan({ runId: run.runId, projectDirectory: '/nowhere', storageDirectory: storage.path });
  const tracking = { ...plan.tracking, uri: proxy.uri, experimentName: run.runId };
  await writePlan(run.directory, { ...plan, tracking, parameters: { epochs: '2' }, tags: { team: 'cells' } });
  const over = carryOut(await RunContext.open(run.directory), program, new StopRequests());
  await vi.waitFor(async () => expect((await readState(run.directory))?.state).toBe('running'), { timeout: 30_000 });
  return { over };
}

async function record() {
  const state = await readState(run.directory);
  if (state === null) throw new Error('the agent has written no state');
  return state;
}

function log(from: number, to: number): void {
  const appender = RunLogAppender.open(run.directory, 'trainer');
  for (let step = from; step <= to; step += 1)
    appender.metric('loss', 1 / step, step, { timeMs: 1_700_000_000_000 + step });
  appender.close();
}

function keep(name: string): void {
  writeFileSync(join(run.artifacts, name), name);
  const appender = RunLogAppender.open(run.directory, 'trainer');
  appender.artifact(`artifacts/${name}`);
  appender.close();
}

async function onServer(): Promise<Run> {
  return client.getRun((await record()).mlflowRunId ?? '');
}

async function valuesOnServer(): Promise<number[]> {
  const history = await client.metricHistory((await record()).mlflowRunId ?? '', 'loss');
  return history.map(({ step }) => step);
}

function results() {
  return readJournal(run.agentLog).flatMap((event) => (event.type === 'result' ? [event.result] : []));
}

/** Every file below the server's artifacts, with its size. */
function artifactsOfServer(): string[] {
  const root = join(server.directory, 'artifacts');
  if (!existsSync(root)) return [];
  const files = readdirSync(root, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => `${join(parentPath, name)} ${statSync(join(parentPath, name)).size}`);
}

test('the tag slipway.stop ends the program politely, and the run is KILLED and says from where', async () => {
  const program = new Program();
  const { over } = await begin(program);
  const { mlflowRunId } = await record();
  await client.setTag(mlflowRunId ?? '', 'slipway.stop', 'false');
  await new Promise((wake) => setTimeout(wake, 500));
  expect(program.stops).toEqual([]);
  await client.setTag(mlflowRunId ?? '', 'slipway.stop', 'True');
  await over;
  expect(program.stops).toEqual(['polite']);
  const { info, data } = await onServer();
  expect(info.status).toBe('KILLED');
  expect(data.tags).toMatchObject({
    'slipway.reason': 'it was stopped from the MLflow UI (tag slipway.stop)',
    'slipway.exit_code': '143',
  });
  expect(results().at(-1)).toMatchObject({ status: 'KILLED', exitStatus: 143, drained: true });
});

test('a run that is deleted is ended, and nothing more of it is sent', async () => {
  const program = new Program();
  program.lastAct = async () => {
    log(4, 5);
    keep('late.txt');
    writeFileSync(run.stdoutLog, 'its output\n');
    await new Promise((wake) => setTimeout(wake, 700));
  };
  const { over } = await begin(program);
  log(1, 3);
  keep('early.txt');
  await vi.waitFor(
    async () => {
      expect(await valuesOnServer()).toEqual([1, 2, 3]);
      expect(artifactsOfServer().join()).toContain('early.txt');
    },
    { timeout: 30_000 },
  );
  const id = (await record()).mlflowRunId ?? '';
  await client.deleteRun(id);
  const before = await client.getRun(id);
  const artifactsBefore = artifactsOfServer();
  await over;
  expect(program.stops).toEqual(['polite']);
  expect(await client.getRun(id)).toEqual(before);
  expect(await valuesOnServer()).toEqual([1, 2, 3]);
  expect(artifactsOfServer()).toEqual(artifactsBefore);
  const reason = 'it was stopped because its run was deleted on the tracking server';
  expect(await record()).toMatchObject({ state: 'killed', reason, drained: false, statusSent: false });
  expect(results().at(-1)).toMatchObject({ status: 'KILLED', exitStatus: 143, deleted: true, drained: false });
  expect(await listUnsettledRuns(storage.path)).toEqual([]);

  // Whoever restores it there has the rest sent by the next agent.
  await client.restoreRun(id);
  await carryOut(await RunContext.open(run.directory), program, new StopRequests());
  expect(await valuesOnServer()).toEqual([1, 2, 3, 4, 5]);
  expect(artifactsOfServer().join()).toContain('late.txt');
  expect((await onServer()).info.status).toBe('KILLED');
});

test("a 404 that is none of MLflow's, or passes, changes nothing", async () => {
  const program = new Program();
  const { over } = await begin(program);
  const id = (await record()).mlflowRunId;
  const before = proxy.befallen;
  proxy.fault = { path: 'runs/get', status: 404 };
  await vi.waitFor(() => expect(proxy.befallen).toBeGreaterThan(before + 2), { timeout: 30_000 });
  // Longer than it takes to look twice.
  await new Promise((wake) => setTimeout(wake, 4000));
  proxy.fault = null;
  program.end(0);
  await over;
  expect(await record()).toMatchObject({ mlflowRunId: id, replacedRunIds: [], state: 'finished' });
  expect(readJournal(run.agentLog).filter(({ type }) => type === 'registered')).toHaveLength(1);
  expect((await onServer()).info.status).toBe('FINISHED');
});

test('a server that comes back empty gets a new run with everything, once, and those who watch hear of it', async () => {
  const program = new Program();
  const { over } = await begin(program);
  log(1, 3);
  await vi.waitFor(async () => expect(await valuesOnServer()).toEqual([1, 2, 3]), { timeout: 30_000 });
  const lost = await onServer();
  await server.stop();
  for (const name of readdirSync(server.directory)) {
    if (name.startsWith('mlflow.db')) rmSync(join(server.directory, name));
  }
  rmSync(join(server.directory, 'artifacts'), { recursive: true, force: true });
  log(4, 5);
  await server.restart();
  await vi.waitFor(async () => expect(await valuesOnServer()).toEqual([1, 2, 3, 4, 5]), { timeout: 60_000 });
  writeFileSync(run.stdoutLog, 'its output\n');
  program.end(0);
  await over;
  const found = await onServer();
  expect(found.info).toMatchObject({
    status: 'FINISHED',
    runName: lost.info.runName,
    startTimeMs: lost.info.startTimeMs,
  });
  expect(found.info.runId).not.toBe(lost.info.runId);
  expect(found.data.params).toEqual(lost.data.params);
  expect(found.data.tags).toMatchObject({
    'slipway.replaces': lost.info.runId,
    'slipway.id': run.runId,
    team: 'cells',
  });
  expect(found.data.tags['mlflow.note.content']).toContain('FINISHED');
  const experiment = await client.getExperimentByName(run.runId);
  const all = await client.searchRuns({ experimentIds: [experiment?.experimentId ?? ''] });
  expect(all.items).toHaveLength(1);
  expect(await record()).toMatchObject({ replacedRunIds: [lost.info.runId], statusSent: true, drained: true });
  const events = readJournal(run.agentLog);
  const registered = events.flatMap((event) => (event.type === 'registered' ? [event.mlflowRunId] : []));
  expect(registered).toEqual([lost.info.runId, found.info.runId]);
  const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.text] : []));
  expect(warnings.filter((text) => text.includes(`came back without the run ${lost.info.runId}`))).toHaveLength(1);
});
