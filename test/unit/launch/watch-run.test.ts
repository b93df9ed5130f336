import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { appendFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import type { LaunchEvent, RunResult } from '../../../src/events.ts';
import { watchRun } from '../../../src/launch/watch-run.ts';
import { createRunDirectory } from '../../../src/runs/index.ts';
import { examplePlan } from '../../support/example-plan.ts';
import { temporaryDirectory } from '../../support/index.ts';

// As on a machine whose users have taken all of the kernel's watches.
vi.mock('node:fs', async (original) => ({
  ...(await original<typeof import('node:fs')>()),
  watch: () => {
    throw Object.assign(new Error('ENOSPC: System limit for number of file watchers reached'), { code: 'ENOSPC' });
  },
}));

const never = new AbortController().signal;

it('who attaches to a run that its server refuses is told how it ended, without a notification and one agent long', async () => {
  await using storage = await temporaryDirectory();
  const { directory, runId, agentLog } = await createRunDirectory(storage.path);
  const result = {
    ...{ status: 'FINISHED', exitCode: 0, reason: null, diverged: null, runId, attempt: 1, runName: 'x' },
    ...{ mlflowRunId: 'a', url: null, runsUrl: null, chartsUrl: null, durationMs: 1, metrics: {}, primaryMetric: null },
    ...{ models: [], image: null, runDirectory: directory, drained: false, failure: null, incomplete: null },
    ...{ deleted: false, exitStatus: 75 },
  } as unknown as RunResult;
  const tell = (): void => appendFileSync(agentLog, `${JSON.stringify({ timeMs: 1, type: 'result', result })}\n`);
  tell();
  let agents = 0;
  const assign = (): ChildProcess => {
    agents += 1;
    const agent = Object.assign(new EventEmitter(), { unref: () => {} });
    setTimeout(() => {
      tell();
      agent.emit('exit', 0);
    }, 50);
    return agent as unknown as ChildProcess;
  };
  const events: LaunchEvent[] = [];
  const watched = watchRun({
    runDirectory: directory,
    plan: examplePlan({ runId, projectDirectory: '/p', storageDirectory: storage.path }),
    sink: (event) => void events.push(event),
    environment: {},
    politeStop: never,
    forcedStop: never,
    again: true,
    standby: { assign },
  });
  expect((await watched).exitStatus).toBe(75);
  expect(agents).toBe(1);
  expect(events.map(({ type }) => type)).toEqual(['result']);
});

it('who attaches to a run whose end was told twice, by an agent that had lost patience just then, is told once', async () => {
  await using storage = await temporaryDirectory();
  const { directory, runId, agentLog } = await createRunDirectory(storage.path);
  const result = {
    ...{ status: 'FINISHED', exitCode: 0, reason: null, diverged: null, runId, attempt: 1, runName: 'x' },
    ...{ mlflowRunId: 'a', url: null, runsUrl: null, chartsUrl: null, durationMs: 1, metrics: {}, primaryMetric: null },
    ...{ models: [], image: null, runDirectory: directory, drained: true, failure: null, incomplete: null },
    ...{ deleted: false, exitStatus: 0 },
  } as unknown as RunResult;
  const line = `${JSON.stringify({ timeMs: 1, type: 'result', result })}\n`;
  appendFileSync(agentLog, line + line);
  const events: LaunchEvent[] = [];
  const watched = watchRun({
    runDirectory: directory,
    plan: examplePlan({ runId, projectDirectory: '/p', storageDirectory: storage.path }),
    sink: (event) => void events.push(event),
    environment: {},
    politeStop: never,
    forcedStop: never,
    again: true,
  });
  expect((await watched).exitStatus).toBe(0);
  expect(events.map(({ type }) => type)).toEqual(['result']);
});
