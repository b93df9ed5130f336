import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { beginAttempt } from '../../../src/agent/begin-attempt.ts';
import { readJournal } from '../../../src/agent/journal.ts';
import { programEnvironment } from '../../../src/agent/program-environment.ts';
import { freshRecord, RunContext } from '../../../src/agent/run-context.ts';
import { isOwnNote, rememberNote } from '../../../src/agent/run-note.ts';
import type { Executor, ProgramStatus } from '../../../src/executors/executor.ts';
import {
  createRunDirectory,
  keepPlan,
  logStarts,
  outputParts,
  planOfAttempt,
  type RunPaths,
  type RunRecord,
  readState,
  writePlan,
  writeState,
} from '../../../src/runs/index.ts';
import { examplePlan } from '../../support/example-plan.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/index.ts';

let storage: TemporaryDirectory;
let run: RunPaths & { readonly runId: string };
beforeEach(async () => {
  storage = await temporaryDirectory();
  run = await createRunDirectory(storage.path);
});
afterEach(() => storage.remove());

const handle = { executor: 'scripted' };

/** An engine with one program of an earlier attempt, or none. */
function engineWith(status: ProgramStatus | null): Executor & { readonly removed: unknown[] } {
  const removed: unknown[] = [];
  return {
    name: 'scripted',
    removed,
    prepare: async () => ({ image: null, reused: true }),
    start: async () => handle,
    inspect: async () => status ?? { state: 'gone' },
    wait: () => Promise.reject(new Error('nothing is waited for')),
    followOutput: async () => writeFileSync(run.stdoutLog, 'its last line\n', { flag: 'a' }),
    leftovers: async () => [],
    stop: async () => {},
    remove: async (gone) => void removed.push(gone),
    find: async () => (status === null ? null : handle),
  };
}

const exited: ProgramStatus = {
  state: 'exited',
  exit: { exitCode: 137, outOfMemory: false, error: null, startedAtMs: 1, finishedAtMs: 2 },
};

/** The folder of a run whose second attempt is planned. */
async function plannedAgain(record: Partial<RunRecord>): Promise<void> {
  const plan = examplePlan({ runId: run.runId, projectDirectory: '/p', storageDirectory: storage.path });
  await keepPlan(run.directory, plan);
  await writePlan(run.directory, {
    ...plan,
    attempt: 2,
    resumedAtMs: 1_767_322_900_000,
    logStarts: await logStarts(run.directory),
  });
  await writeState(run.directory, { ...freshRecord, updatedAtMs: 1, ...record });
}

async function begin(executor: Executor): Promise<RunRecord> {
  await beginAttempt(await RunContext.open(run.directory), executor);
  const record = await readState(run.directory);
  if (record === null) throw new Error('the agent has written no state');
  return record;
}

const onServer = {
  mlflowRunId: 'm1',
  experimentId: '7',
  artifactUri: 'mlflow-artifacts:/7/m1',
  trackingUri: 'http://x',
};

describe('the attempt before', () => {
  it('that was killed with its agent gets its end and its last output, and its program goes', async () => {
    await plannedAgain({ state: 'running', handle, ...onServer });
    const executor = engineWith(exited);
    await begin(executor);
    const kept = await readState(`${run.directory}/attempts/1`);
    expect(kept).toMatchObject({ attempt: 1, state: 'failed', exitCode: 137, handle });
    expect(kept).toMatchObject({
      failure: 'signal',
      reason: 'the program was ended from outside by signal 9 (SIGKILL)',
    });
    expect(executor.removed).toEqual([handle]);
    expect(readFileSync(run.stdoutLog, 'utf8')).toBe('its last line\n');
    const marker = /^2026-01-02T03:01:40\.000Z --- run \S+, attempt 2, 2026-01-02T03:01:40\.000Z ---\n$/;
    expect(readFileSync(join(run.logs, 'stdout.1.log'), 'utf8')).toMatch(marker);
  });

  it.each([
    ['whose program is gone', { state: 'running', handle } as const, 'its program is gone'],
    ['that started none', { state: 'preparing' } as const, 'it was interrupted before its program started'],
  ])('%s is told to have failed', async (_name, record, reason) => {
    await plannedAgain(record);
    await begin(engineWith(null));
    expect(await readState(`${run.directory}/attempts/1`)).toMatchObject({ state: 'failed', exitCode: null, reason });
  });

  it('that ended stays as it is recorded', async () => {
    await plannedAgain({
      state: 'killed',
      stopRequested: 'polite',
      exitCode: 143,
      reason: 'it was stopped on request',
    });
    await begin(engineWith(null));
    expect(await readState(`${run.directory}/attempts/1`)).toMatchObject({ state: 'killed', exitCode: 143 });
  });

  it('that still runs is left alone', async () => {
    await plannedAgain({ state: 'running', handle });
    await expect(begin(engineWith({ state: 'running' }))).rejects.toThrow('still runs');
    expect(await readState(run.directory)).toMatchObject({ attempt: 1, state: 'running' });
  });
});

describe('the new attempt', () => {
  it('begins in the same run of the server, with nothing of the end before', async () => {
    const image = { name: 'cells:1', id: 'sha256:1', recipe: 'r' };
    await plannedAgain({
      ...onServer,
      image,
      state: 'killed',
      stopRequested: 'force',
      exitCode: 137,
      statusSent: true,
    });
    const { updatedAtMs: _, outputStarts, ...record } = await begin(engineWith(null));
    expect(record).toEqual({
      ...freshRecord,
      ...onServer,
      image,
      attempt: 2,
      outputStarts: undefined,
    });
    expect(outputStarts.stdout).toEqual({ part: 0, size: readFileSync(run.stdoutLog).length });
  });

  it('is begun once, however often its agent is killed on the way', async () => {
    await plannedAgain({ state: 'failed', exitCode: 1 });
    const before = await readState(run.directory);
    const first = await begin(engineWith(null));
    // Killed before the state was written: all else was done.
    if (before !== null) await writeState(run.directory, before);
    expect((await begin(engineWith(null))).outputStarts).toEqual(first.outputStarts);
    expect((await begin(engineWith(null))).attempt).toBe(2);
    expect(outputParts(run.logs, 'stderr')).toEqual([run.stderrLog]);
    expect(readFileSync(run.stderrLog, 'utf8').match(/attempt 2/g)).toHaveLength(1);
  });

  it('ends torn lines of all writers, and tells how far the run is', async () => {
    mkdirSync(run.events, { recursive: true });
    const metric = '{"v":1,"type":"metric","key":"loss","value":1,"step":4,"time_ms":1}\n';
    writeFileSync(`${run.events}/trainer.ndjson`, `${metric}{"v":1,"ty`);
    await plannedAgain({ state: 'failed', exitCode: 1 });
    await begin(engineWith(null));
    expect(readFileSync(`${run.events}/trainer.ndjson`, 'utf8')).toBe(`${metric}{"v":1,"ty\n`);
    const texts = readJournal(run.agentLog).flatMap((event) => (event.type === 'notice' ? [event.text] : []));
    expect(texts).toEqual([`Resumes example (${run.runId}): attempt 2, recorded up to step 4.`]);
  });

  it('tells its program so, and the first attempt does not', async () => {
    await plannedAgain({ state: 'failed', exitCode: 1 });
    const variables = async (): Promise<Record<string, string>> => {
      const { plan, record } = await RunContext.open(run.directory);
      return programEnvironment(plan, record, {});
    };
    expect(await variables()).toMatchObject({ SLIPWAY_RESUME: '1' });
    await writePlan(run.directory, await planOfAttempt(run.directory, 1));
    expect(await variables()).not.toHaveProperty('SLIPWAY_RESUME');
  });
});

it("a note that was remembered is the run's own, any other is somebody's", async () => {
  await plannedAgain({ state: 'failed', exitCode: 1 });
  const context = await RunContext.open(run.directory);
  await rememberNote(context, 'first');
  await rememberNote(context, 'last');
  const later = await RunContext.open(run.directory);
  expect(['first', 'last', '', undefined, 'mine'].map((note) => isOwnNote(later, note))).toEqual([
    ...[true, true, true, true],
    false,
  ]);
});
