import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CannotWriteError, UsageError } from '../../../src/errors.ts';
import {
  createRunDirectory,
  drawRunId,
  findRun,
  isRunId,
  listRuns,
  type RunPlan,
  type RunRecord,
  readPlan,
  readState,
  runPaths,
  writePlan,
  writeState,
} from '../../../src/runs/index.ts';

let storage: string;
beforeEach(() => {
  storage = mkdtempSync(join(tmpdir(), 'slipway-runs-'));
});
afterEach(() => rmSync(storage, { recursive: true, force: true }));

function plan(runId: string, runName: string): RunPlan {
  return {
    version: 1,
    runId,
    runName,
    createdAtMs: 1,
    attempt: 1,
    resumedAtMs: null,
    logStarts: {},
    owner: { uid: 0, gid: 0, name: 'root' },
    host: { name: 'here', machineId: 'm' },
    project: {
      name: 'cells',
      directory: '/project',
      uri: '.',
      version: null,
      entryPoint: 'main',
      command: 'true',
      dockerImage: null,
      volumes: [],
      environment: {},
      primaryMetric: null,
    },
    parameters: { epochs: '3' },
    source: { commit: null, branch: null, repositoryUrl: null, dirty: false, treeHash: null },
    engine: 'host',
    gpus: null,
    image: { reference: 'cells:1', base: 'node:24-slim', flavor: 'cpu' },
    tracking: { uri: null, experimentName: null, experimentId: null, restoreExperiment: false, offline: 'never' },
    registerModel: null,
    storage: { directory: storage },
    limits: { cpus: null, memoryMiB: null, shmMiB: null, pids: 1024 },
    passEnvironment: [],
    envFiles: {},
    secretFiles: {},
    tags: {},
    drainTimeoutMs: 1,
    stopGraceMs: 1,
    systemMetricsIntervalMs: 1000,
  };
}

function state(mlflowRunId: string): RunRecord {
  return {
    version: 1,
    state: 'running',
    attempt: 1,
    updatedAtMs: 1,
    startedAtMs: 1,
    endedAtMs: null,
    trackingUri: null,
    experimentId: null,
    mlflowRunId,
    offline: false,
    namedServer: null,
    artifactUri: null,
    runUrl: null,
    image: null,
    experimentName: null,
    replacedRunIds: [],
    deletedAtMs: null,
    incomplete: null,
    handle: null,
    outputStarts: { stdout: { part: 0, size: 0 }, stderr: { part: 0, size: 0 } },
    noteDigests: [],
    stopRequested: null,
    stopSignal: null,
    stopBy: null,
    stopGraceMs: null,
    exitCode: null,
    outOfMemory: false,
    reason: null,
    failure: null,
    drained: false,
    registering: false,
    statusSent: false,
    failedAgents: 0,
    failureExitCode: 1,
  };
}

describe('the run folder', () => {
  it('is named by UTC time and four characters, and holds its folders', async () => {
    const run = await createRunDirectory(storage, new Date('2026-11-21T03:45:12.999Z'));
    expect(run.runId).toMatch(/^20261121-034512-[0-9a-hjkmnp-tv-z]{4}$/);
    expect(run.directory).toBe(runPaths(storage, run.runId).directory);
    expect(readdirSync(run.directory).sort()).toEqual(
      ['artifacts', 'checkpoints', 'events', 'inputs', 'logs', 'outputs', 'sync', 'tensorboard'].sort(),
    );
  });

  it('draws another id where the first is taken', async () => {
    const now = new Date('2026-11-21T03:45:12Z');
    const made = await Promise.all(Array.from({ length: 40 }, () => createRunDirectory(storage, now)));
    expect(new Set(made.map((run) => run.runId)).size).toBe(40);
    expect(drawRunId(now, new Uint8Array(4))).toBe('20261121-034512-0000');
    expect(made.every((run) => isRunId(run.runId))).toBe(true);
  });

  it('says which storage cannot be written', async () => {
    writeFileSync(join(storage, 'file'), '');
    const made = createRunDirectory(join(storage, 'file'));
    await expect(made).rejects.toThrow(CannotWriteError);
    await expect(made).rejects.toThrow(/Cannot make a run folder in .*file/);
  });
});

describe('plan.json and state.json', () => {
  it('come back as written, with no temporary file beside them', async () => {
    const run = await createRunDirectory(storage);
    await writePlan(run.directory, plan(run.runId, 'first'));
    expect(await readState(run.directory)).toBeNull();
    await writeState(run.directory, state('m1'));
    expect(await readPlan(run.directory)).toEqual(plan(run.runId, 'first'));
    expect(await readState(run.directory)).toEqual(state('m1'));
    expect(readdirSync(run.directory).filter((name) => name.includes('tmp'))).toEqual([]);
  });

  it('are named in the sentence where they are missing or damaged', async () => {
    const run = await createRunDirectory(storage);
    await expect(readPlan(run.directory)).rejects.toThrow(/has no plan.json/);
    writeFileSync(run.state, '{"version":1');
    await expect(readState(run.directory)).rejects.toThrow(/state.json is damaged/);
    writeFileSync(run.plan, '{"version":1}');
    await expect(readPlan(run.directory)).rejects.toThrow(/plan.json is damaged: .*runId/s);
  });
});

describe('findRun', () => {
  async function add(runId: string, runName: string, mlflowRunId: string): Promise<void> {
    const paths = runPaths(storage, runId);
    mkdirSync(paths.directory, { recursive: true });
    await writePlan(paths.directory, plan(runId, runName));
    await writeState(paths.directory, state(mlflowRunId));
  }

  beforeEach(async () => {
    await add('20260101-000000-aaaa', 'first', 'f'.repeat(32));
    await add('20260101-000000-aabb', 'twice', 'e'.repeat(32));
    await add('20260202-000000-cccc', 'twice', 'd'.repeat(32));
    mkdirSync(join(storage, 'runs', 'something else'));
  });

  it.each([
    ['20260101-000000-aabb', '20260101-000000-aabb'],
    ['20260202', '20260202-000000-cccc'],
    ['20260101-000000-aaa', '20260101-000000-aaaa'],
    ['first', '20260101-000000-aaaa'],
    ['twice', '20260202-000000-cccc'],
    ['eeeeeeee', '20260101-000000-aabb'],
  ])('understands %s', async (text, runId) => {
    expect((await findRun(storage, text)).runId).toBe(runId);
  });

  it.each([
    ['2026', /means several runs: 20260202-000000-cccc, 20260101-000000-aabb/],
    ['nobody', /No run "nobody"/],
    ['', /No run ""/],
    ['eeee', /No run "eeee"/],
  ])('refuses %j', async (text, message) => {
    const found = findRun(storage, text);
    await expect(found).rejects.toThrow(UsageError);
    await expect(found).rejects.toThrow(message);
  });

  it('suggests the run that was probably meant', async () => {
    await expect(findRun(storage, 'twcie')).rejects.toThrow(/did you mean twice\?/);
  });

  it('says how to list the runs there are', async () => {
    await expect(findRun(storage, 'nobody')).rejects.toMatchObject({
      hint: expect.stringContaining(`ls ${storage}/runs`),
    });
  });

  it('lists runs newest first, a damaged one with its problem', async () => {
    writeFileSync(runPaths(storage, '20260101-000000-aaaa').plan, '{');
    const runs = await listRuns(storage);
    expect(runs.map((run) => run.runId)).toEqual([
      '20260202-000000-cccc',
      '20260101-000000-aabb',
      '20260101-000000-aaaa',
    ]);
    expect(runs[2]).toMatchObject({ plan: null, problem: expect.stringContaining('plan.json is damaged') });
    expect(await listRuns(join(storage, 'none'))).toEqual([]);
  });
});
