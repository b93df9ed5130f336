import { expect, it } from 'vitest';
import { finishRun } from '../../../src/agent/finish.ts';
import { freshRecord, RunContext } from '../../../src/agent/run-context.ts';
import type { Executor } from '../../../src/executors/executor.ts';
import { createRunDirectory, writePlan, writeState } from '../../../src/runs/index.ts';
import { examplePlan } from '../../support/example-plan.ts';
import { temporaryDirectory } from '../../support/index.ts';

it('what was made for a program that never began is removed, too', async () => {
  await using storage = await temporaryDirectory();
  const { directory, runId } = await createRunDirectory(storage.path);
  await writePlan(directory, examplePlan({ runId, projectDirectory: '/p', storageDirectory: storage.path }));
  const stopped = { stopRequested: 'polite', reason: 'it was stopped on request' } as const;
  const image = { name: 'x', id: 'sha256:1', recipe: null };
  await writeState(directory, { ...freshRecord, updatedAtMs: 1, state: 'draining', image, ...stopped });
  const made = { executor: 'x' };
  const removed: unknown[] = [];
  const executor: Partial<Executor> = {
    find: async (_, { withUnstarted = false } = {}) => (withUnstarted ? made : null),
    stop: async () => {},
    remove: async (handle) => void removed.push(handle),
  };
  const run = await RunContext.open(directory);
  await finishRun(run, executor as Executor, null);
  expect(removed).toEqual([made]);
  expect(run.record.state).toBe('killed');
});
