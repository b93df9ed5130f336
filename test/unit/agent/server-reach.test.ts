import { afterEach, expect, it, vi } from 'vitest';
import { readJournal } from '../../../src/agent/journal.ts';
import { freshRecord, RunContext } from '../../../src/agent/run-context.ts';
import type { ServerLink } from '../../../src/agent/server-link.ts';
import { ServerReach } from '../../../src/agent/server-reach.ts';
import { StopRequests } from '../../../src/agent/stop-requests.ts';
import { type SyncReply, SyncRequests } from '../../../src/agent/sync-requests.ts';
import { createRunDirectory, type RunRecord, writePlan, writeState } from '../../../src/runs/index.ts';
import { examplePlan } from '../../support/example-plan.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/index.ts';

afterEach(() => void vi.useRealTimers());

async function runThat(has: Partial<RunRecord>, storage: TemporaryDirectory): Promise<RunContext> {
  const { directory, runId } = await createRunDirectory(storage.path);
  const plan = examplePlan({ runId, projectDirectory: '/p', storageDirectory: storage.path });
  await writePlan(directory, { ...plan, tracking: { ...plan.tracking, uri: 'http://127.0.0.1:9' } });
  await writeState(directory, { ...freshRecord, updatedAtMs: 1, ...has });
  return RunContext.open(directory);
}

it('a run that its link is about to make anew gets no second link beside it', async () => {
  await using storage = await temporaryDirectory();
  const run = await runThat({ state: 'draining', exitCode: 0, replacedRunIds: ['lost'], registering: true }, storage);
  const link = { carry: async () => false, isOnServer: true, isDeleted: false } as unknown as ServerLink;
  const reach = new ServerReach(run, link, { stop: new StopRequests(), syncs: new SyncRequests() });
  await reach.carry();
  expect(await reach.settle(true)).toBe(link);
  expect(readJournal(run.paths.agentLog)).toEqual([]);
});

it('one who wanted the run sent and has left is told nothing more, and leaves no timer', async () => {
  await using storage = await temporaryDirectory();
  const run = await runThat({ state: 'running' }, storage);
  vi.useFakeTimers();
  const status = { sentEvents: 1, pendingBytes: 2, lastError: null };
  const never = { carry: async () => true, isOnServer: true, isDeleted: false, catchUp: () => new Promise(() => {}) };
  const syncs = new SyncRequests();
  const reach = new ServerReach(run, { ...never, status } as unknown as ServerLink, {
    stop: new StopRequests(),
    syncs,
  });
  await reach.carry();
  const told: Record<string, SyncReply[]> = { first: [], second: [] };
  const [first, second] = [new AbortController(), new AbortController()];
  const request = { command: 'sync', variables: {} } as const;
  syncs.request(request, (reply) => told.first?.push(reply), first.signal);
  syncs.request(request, (reply) => told.second?.push(reply), second.signal);
  await vi.advanceTimersByTimeAsync(600);
  first.abort();
  await vi.advanceTimersByTimeAsync(600);
  expect([told.first?.length, told.second?.length]).toEqual([1, 2]);
  second.abort();
  expect(vi.getTimerCount()).toBe(0);
  reach.end();
  expect([told.first?.length, told.second?.length]).toEqual([1, 2]);
});
