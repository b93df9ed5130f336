import { expect, it, vi } from 'vitest';
import { giveUp } from '../../../src/agent/give-up.ts';
import { freshRecord, RunContext } from '../../../src/agent/run-context.ts';
import type { Executor } from '../../../src/executors/executor.ts';
import { createRunDirectory, writePlan, writeState } from '../../../src/runs/index.ts';
import { examplePlan } from '../../support/example-plan.ts';
import { temporaryDirectory } from '../../support/index.ts';

it('a run that is given up ends with its program, though its server is away', async () => {
  await using storage = await temporaryDirectory();
  const { directory, runId } = await createRunDirectory(storage.path);
  const plan = examplePlan({ runId, projectDirectory: '/p', storageDirectory: storage.path });
  await writePlan(directory, { ...plan, tracking: { ...plan.tracking, uri: 'http://127.0.0.1:9' } });
  const known = {
    mlflowRunId: 'run',
    experimentId: '1',
    artifactUri: 'mlflow-artifacts:/1',
    handle: { executor: 'x' },
  };
  await writeState(directory, { ...freshRecord, updatedAtMs: 1, state: 'running', ...known });
  const run = await RunContext.open(directory);
  const done: string[] = [];
  const executor = {
    stop: async (_: unknown, how: string) => void done.push(how),
    remove: async () => void done.push('removed'),
  } as unknown as Executor;
  const { timeout } = AbortSignal;
  const spy = vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => timeout.call(AbortSignal, 500));
  try {
    await giveUp(run, executor, new Error('no end of it'));
  } finally {
    spy.mockRestore();
  }
  expect(done).toEqual(['force', 'removed']);
  expect(run.record).toMatchObject({ state: 'failed', statusSent: false, reason: 'internal error: no end of it' });
}, 20_000);
