import { expect, it } from 'vitest';
import { readJournal } from '../../../src/agent/journal.ts';
import { freshRecord, RunContext } from '../../../src/agent/run-context.ts';
import type { ServerLink } from '../../../src/agent/server-link.ts';
import { ServerReach } from '../../../src/agent/server-reach.ts';
import { StopRequests } from '../../../src/agent/stop-requests.ts';
import { SyncRequests } from '../../../src/agent/sync-requests.ts';
import { createRunDirectory, writePlan, writeState } from '../../../src/runs/index.ts';
import { examplePlan } from '../../support/example-plan.ts';
import { temporaryDirectory } from '../../support/index.ts';

it('a run that its link is about to make anew gets no second link beside it', async () => {
  await using storage = await temporaryDirectory();
  const { directory, runId, agentLog } = await createRunDirectory(storage.path);
  const plan = examplePlan({ runId, projectDirectory: '/p', storageDirectory: storage.path });
  await writePlan(directory, { ...plan, tracking: { ...plan.tracking, uri: 'http://127.0.0.1:9' } });
  const ended = { state: 'draining' as const, exitCode: 0, replacedRunIds: ['lost'], registering: true };
  await writeState(directory, { ...freshRecord, updatedAtMs: 1, ...ended });
  const run = await RunContext.open(directory);
  const link = { carry: async () => false, isOnServer: true, isDeleted: false } as unknown as ServerLink;
  const reach = new ServerReach(run, link, { stop: new StopRequests(), syncs: new SyncRequests() });
  await reach.carry();
  expect(await reach.settle(true)).toBe(link);
  expect(readJournal(agentLog)).toEqual([]);
});
