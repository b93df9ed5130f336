import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { finishRun } from '../../../src/agent/finish.ts';
import { freshRecord, RunContext } from '../../../src/agent/run-context.ts';
import type { Executor } from '../../../src/executors/executor.ts';
import { createRunDirectory, readState, writePlan, writeState } from '../../../src/runs/index.ts';
import { sleep } from '../../../src/util/index.ts';
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

it('a run is over once its container is gone, and its result is told when nothing is held any more', async () => {
  await using storage = await temporaryDirectory();
  const { directory, runId } = await createRunDirectory(storage.path);
  await writePlan(directory, examplePlan({ runId, projectDirectory: '/p', storageDirectory: storage.path }));
  const ended = { state: 'draining', handle: { executor: 'x' }, exitCode: 0 } as const;
  await writeState(directory, { ...freshRecord, updatedAtMs: 1, ...ended });
  const states: (string | undefined)[] = [];
  const executor: Partial<Executor> = {
    remove: async () => {
      await sleep(100);
      states.push((await readState(directory))?.state);
    },
  };
  const run = await RunContext.open(directory);
  const reserve = join(directory, '.reserve');
  expect(existsSync(reserve)).toBe(true);
  const held: boolean[] = [];
  const emit = run.emit.bind(run);
  run.emit = (event) => {
    if (event.type === 'result') held.push(existsSync(reserve));
    emit(event);
  };
  await finishRun(run, executor as Executor, null);
  expect(states).toEqual(['draining']);
  expect(held).toEqual([false]);
  expect(run.record.state).toBe('finished');
});
