import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { spawnAgent } from '../../../src/agent/index.ts';
import type { LaunchEvent, RunResult } from '../../../src/events.ts';
import { type WatchOptions, watchRun } from '../../../src/launch/watch-run.ts';
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

/** How a run ended well. */
function endedWell(runDirectory: string, runId: string, changes: Partial<RunResult>): RunResult {
  return {
    ...{ status: 'FINISHED', exitCode: 0, reason: null, diverged: null, runId, attempt: 1, runName: 'x' },
    ...{ mlflowRunId: 'a', url: null, runsUrl: null, chartsUrl: null, durationMs: 1, metrics: {}, primaryMetric: null },
    ...{ models: [], image: null, runDirectory, failure: null, incomplete: null, deleted: false, ...changes },
  } as unknown as RunResult;
}

/** Watches as `slipway attach` does. */
function attached(run: Awaited<ReturnType<typeof createRunDirectory>>, storage: string, more: Partial<WatchOptions>) {
  const plan = examplePlan({ runId: run.runId, projectDirectory: '/p', storageDirectory: storage });
  const common = { environment: {}, politeStop: never, forcedStop: never, again: true, sink: () => {} };
  return watchRun({ runDirectory: run.directory, plan, ...common, ...more });
}

it('who attaches to a run that its server refuses is told how it ended, without a notification and one agent long', async () => {
  await using storage = await temporaryDirectory();
  const run = await createRunDirectory(storage.path);
  const { directory, runId, agentLog } = run;
  const result = endedWell(directory, runId, { drained: false, exitStatus: 75 });
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
  const watched = attached(run, storage.path, { sink: (event) => void events.push(event), standby: { assign } });
  expect((await watched).exitStatus).toBe(75);
  expect(agents).toBe(1);
  expect(events.map(({ type }) => type)).toEqual(['result']);
});

it('who attaches where no agent can be started is told so, and nothing of the watch is left to keep the process', async () => {
  await using storage = await temporaryDirectory();
  const run = await createRunDirectory(storage.path);
  mkdirSync(join(run.directory, 'logs', 'agent-crash.log'), { recursive: true });
  const cleared = vi.spyOn(globalThis, 'clearInterval');
  const watched = attached(run, storage.path, {});
  await expect(watched).rejects.toThrow('agent-crash.log');
  expect(cleared).toHaveBeenCalledOnce();
  cleared.mockRestore();
});

it('an agent for which there is no process is an error at once, and ends no one who looks after others', async () => {
  await using storage = await temporaryDirectory();
  const { directory } = await createRunDirectory(storage.path);
  const { execPath } = process;
  process.execPath = '/nowhere/node';
  try {
    expect(() => spawnAgent(directory, { environment: {} })).toThrow('No agent could be started');
    // The event of it, which nobody listens to otherwise, ends the process.
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.execPath = execPath;
  }
});

it('who attaches to a run whose end was told twice, by an agent that had lost patience just then, is told once', async () => {
  await using storage = await temporaryDirectory();
  const run = await createRunDirectory(storage.path);
  const { directory, runId, agentLog } = run;
  const result = endedWell(directory, runId, { drained: true, exitStatus: 0 });
  const line = `${JSON.stringify({ timeMs: 1, type: 'result', result })}\n`;
  appendFileSync(agentLog, line + line);
  const events: LaunchEvent[] = [];
  const watched = attached(run, storage.path, { sink: (event) => void events.push(event) });
  expect((await watched).exitStatus).toBe(0);
  expect(events.map(({ type }) => type)).toEqual(['result']);
});
