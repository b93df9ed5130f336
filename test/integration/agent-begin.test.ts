import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { readJournal } from '../../src/agent/journal.ts';
import { carryOut } from '../../src/agent/lifecycle.ts';
import { RunContext } from '../../src/agent/run-context.ts';
import { StopRequests } from '../../src/agent/stop-requests.ts';
import { SlipwayError } from '../../src/errors.ts';
import type { Executor, ExecutorContext, PreparedProgram } from '../../src/executors/executor.ts';
import { MlflowClient, type Run } from '../../src/mlflow/index.ts';
import {
  createRunDirectory,
  listUnsettledRuns,
  type RunPaths,
  readState,
  writePlan,
  writeState,
} from '../../src/runs/index.ts';
import { examplePlan } from '../support/example-plan.ts';
import { type FaultyProxy, startFaultyProxy } from '../support/faulty-proxy.ts';
import { type MlflowServer, startMlflow, type TemporaryDirectory, temporaryDirectory } from '../support/index.ts';

/** Before the program runs, its image is made while the server is opened: either may fail, or be stopped, first. */

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

type Prepare = (context: ExecutorContext) => Promise<PreparedProgram>;

/** An engine whose programs end at once; what making their image comes to is up to the test. */
function executorThat(prepare: Prepare): Executor & { readonly starts: number } {
  let starts = 0;
  return {
    name: 'scripted',
    get starts() {
      return starts;
    },
    prepare: (_plan, context) => prepare(context),
    start: async () => {
      starts += 1;
      return { executor: 'scripted' };
    },
    inspect: async () => ({ state: 'gone' }),
    wait: async () => ({ exitCode: 0, outOfMemory: false, error: null, startedAtMs: null, finishedAtMs: null }),
    followOutput: async () => {},
    leftovers: async () => [],
    stop: async () => {},
    remove: async () => {},
    find: async () => null,
  };
}

const madeImage: Prepare = async () => ({ image: { name: 'example:one', id: 'sha256:one' }, reused: false });
const brokenImage: Prepare = () => Promise.reject(new SlipwayError('The image cannot be built: no space left.'));
/** Ends only when it is told to. */
const endlessImage: Prepare = ({ signal }) =>
  new Promise((_made, fail) => signal.addEventListener('abort', () => fail(signal.reason)));

function requests(): StopRequests {
  return new StopRequests();
}

function interrupt(stop: StopRequests): void {
  stop.request({ command: 'stop', how: 'polite', signal: 'SIGINT' });
}

/** The agent of the run at work, as a process of its own would be. */
async function work(prepare: Prepare, stop: StopRequests = requests()) {
  const plan = examplePlan({ runId: run.runId, projectDirectory: '/nowhere', storageDirectory: storage.path });
  const tracking = { ...plan.tracking, uri: proxy.uri, experimentName: run.runId };
  await writePlan(run.directory, { ...plan, tracking, parameters: { epochs: '2' } });
  const executor = executorThat(prepare);
  await carryOut(await RunContext.open(run.directory), executor, stop);
  const record = await readState(run.directory);
  if (record === null) throw new Error('the agent has written no state');
  const events = readJournal(run.agentLog);
  const failures = events.flatMap((event) => (event.type === 'failure' ? [event.message] : []));
  const results = events.flatMap((event) => (event.type === 'result' ? [event.result] : []));
  return { record, failures, result: results.at(-1), starts: executor.starts };
}

async function runsOnServer(): Promise<readonly Run[]> {
  const experiment = await client.getExperimentByName(run.runId);
  if (experiment === null) return [];
  return (await client.searchRuns({ experimentIds: [experiment.experimentId] })).items;
}

async function unsettled(): Promise<string[]> {
  return (await listUnsettledRuns(storage.path)).map(({ runId }) => runId);
}

test('an image that cannot be made is a failed run on the server, with the reason', async () => {
  const { record, failures, starts } = await work(brokenImage);
  expect(record).toMatchObject({ state: 'failed', reason: 'The image cannot be built: no space left.' });
  expect(record.statusSent).toBe(true);
  expect(failures).toEqual(['The image cannot be built: no space left.']);
  expect(starts).toBe(0);
  const [onServer] = await runsOnServer();
  expect(onServer?.info).toMatchObject({ status: 'FAILED' });
  expect(onServer?.data.tags['slipway.reason']).toBe('The image cannot be built: no space left.');
  expect(onServer?.data.params).toEqual({ epochs: '2' });
});

test('where the server fails after the image did, both are told, and the image is the reason', async () => {
  proxy.fault = { path: 'experiments/', status: 403 };
  const { record, failures, result } = await work(async (context) => {
    // By then the server has been asked, and has not answered yet.
    context.onNotice('building');
    return brokenImage(context);
  });
  expect(failures[0]).toBe('The image cannot be built: no space left.');
  expect(failures).toHaveLength(2);
  expect(record.reason).toBe('The image cannot be built: no space left.');
  expect(result).toMatchObject({ status: 'FAILED', mlflowRunId: null, exitStatus: 1 });
  expect(await runsOnServer()).toEqual([]);
});

test('where the server refuses the run, the image is given up, and only the refusal is told', async () => {
  proxy.fault = { path: 'experiments/', status: 403 };
  let gaveUp = false;
  const { record, failures } = await work(async (context) => {
    context.signal.addEventListener('abort', () => {
      gaveUp = true;
    });
    return endlessImage(context);
  });
  expect(gaveUp).toBe(true);
  expect(failures).toHaveLength(1);
  expect(record).toMatchObject({ state: 'failed', mlflowRunId: null, reason: failures[0] });
});

test('an image that failed stays the reason where somebody stops the waiting for the server', async () => {
  proxy.fault = { path: 'experiments/', withhold: 'request' };
  const before = proxy.befallen;
  const stop = requests();
  const working = work(brokenImage, stop);
  await vi.waitFor(() => {
    expect(proxy.befallen).toBeGreaterThan(before);
    expect(readJournal(run.agentLog).some(({ type }) => type === 'failure')).toBe(true);
  });
  interrupt(stop);
  const { record, failures, result } = await working;
  expect(record).toMatchObject({ state: 'failed', reason: 'The image cannot be built: no space left.' });
  expect(failures).toHaveLength(1);
  expect(result).toMatchObject({ status: 'FAILED', exitStatus: 1 });
});

test('a stop while both are at work ends both, and the run is killed', async () => {
  proxy.fault = { path: 'experiments/', withhold: 'request' };
  const before = proxy.befallen;
  const stop = requests();
  const working = work(endlessImage, stop);
  await vi.waitFor(() => expect(proxy.befallen).toBeGreaterThan(before));
  interrupt(stop);
  const { record, failures, result } = await working;
  expect(record).toMatchObject({ state: 'killed', registering: false, mlflowRunId: null });
  expect(failures).toEqual([]);
  expect(result).toMatchObject({ status: 'KILLED', exitStatus: 130 });
  expect(await unsettled()).toEqual([]);
});

test('a run that was made on the server though its answer was not waited for is closed there', async () => {
  proxy.fault = { path: 'runs/create', withhold: 'answer' };
  const stop = requests();
  const working = work(endlessImage, stop);
  await vi.waitFor(async () => expect(await runsOnServer()).toHaveLength(1), { timeout: 30_000 });
  interrupt(stop);
  const { record } = await working;
  expect(record).toMatchObject({ state: 'killed', statusSent: true });
  expect((await runsOnServer()).map(({ info }) => info.status)).toEqual(['KILLED']);
  expect(await unsettled()).toEqual([]);
});

test('a run that may yet appear on the server is not settled: the next agent closes it there, once', async () => {
  proxy.fault = { path: 'runs/create', withhold: 'request' };
  const before = proxy.befallen;
  const stop = requests();
  const working = work(endlessImage, stop);
  await vi.waitFor(() => expect(proxy.befallen).toBeGreaterThan(before), { timeout: 30_000 });
  interrupt(stop);
  expect((await working).record).toMatchObject({ state: 'killed', registering: true, mlflowRunId: null });
  expect(await unsettled()).toEqual([run.runId]);

  proxy.fault = null;
  const { record, starts } = await work(madeImage);
  expect(record).toMatchObject({ state: 'killed', registering: false, statusSent: true });
  expect(starts).toBe(0);
  expect((await runsOnServer()).map(({ info }) => info.status)).toEqual(['KILLED']);
  expect(await unsettled()).toEqual([]);
});

test('an agent that takes over while both were at work makes no second run', async () => {
  proxy.fault = { path: 'runs/create', withhold: 'answer' };
  const stop = requests();
  const working = work(endlessImage, stop);
  await vi.waitFor(async () => expect(await runsOnServer()).toHaveLength(1), { timeout: 30_000 });
  interrupt(stop);
  const { record: ended } = await working;
  proxy.fault = null;
  // As an agent leaves it that is killed after its request and before the answer.
  await writeState(run.directory, {
    ...ended,
    ...{ state: 'preparing', registering: true, mlflowRunId: null, artifactUri: null, runUrl: null },
    ...{ stopRequested: null, stopSignal: null, reason: null, endedAtMs: null, drained: false, statusSent: false },
  });
  const { record, starts } = await work(madeImage);
  expect(record).toMatchObject({ state: 'finished', statusSent: true });
  expect(starts).toBe(1);
  expect((await runsOnServer()).map(({ info }) => [info.runId, info.status])).toEqual([
    [ended.mlflowRunId, 'FINISHED'],
  ]);
});

test('how a run ended stays as it is where the server of later cannot be opened', async () => {
  const { record: before } = await work(brokenImage);
  await writeState(run.directory, { ...before, mlflowRunId: null, artifactUri: null, statusSent: false });
  vi.stubEnv('MLFLOW_TRACKING_USERNAME', 'ada');
  vi.stubEnv('MLFLOW_TRACKING_PASSWORD', undefined);
  const { record, failures } = await work(madeImage);
  expect(failures).toHaveLength(2);
  const { state, reason, endedAtMs, failureExitCode } = before;
  expect(record).toMatchObject({ state, reason, endedAtMs, failureExitCode });
});

test('what both tell of is told once, and no secret of the environment is in what is kept of a failure', async () => {
  vi.stubEnv('HTTPS_PROXY', 'http://ada:correct-horse@proxy.example');
  const { record } = await work(async (context) => {
    context.onNotice('a base image is made first');
    context.onNotice('a base image is made first');
    throw new SlipwayError('The build stopped at http://ada:correct-horse@proxy.example.');
  });
  expect(readJournal(run.agentLog).filter(({ type }) => type === 'notice')).toHaveLength(1);
  expect(record.reason).toBe('The build stopped at http://ada:***@proxy.example.');
  expect(JSON.stringify(readJournal(run.agentLog))).not.toContain('correct-horse');
  const [onServer] = await runsOnServer();
  expect(onServer?.data.tags['slipway.reason']).toBe('The build stopped at http://ada:***@proxy.example.');
});
