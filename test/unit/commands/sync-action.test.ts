import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { holdRun } from '../../../src/agent/hold-run.ts';
import { syncAction } from '../../../src/commands/sync-action.ts';
import { machineId } from '../../../src/machine/machine-id.ts';
import { makeRunFolders, writePlan, writeState } from '../../../src/runs/index.ts';
import { temporaryDirectory } from '../../support/index.ts';
import { storedRun } from '../machine/stored.ts';

afterEach(() => vi.restoreAllMocks());

test('whoever ends the waiting for a sync is told that it goes on, and where to look', async () => {
  await using storage = await temporaryDirectory();
  const host = { name: 'here', machineId: machineId() };
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, name: 'alice' };
  const changes = { plan: { host, owner }, state: { statusSent: false } };
  const { runId, paths, plan, state } = storedRun('20260102-030405-abcd', changes, storage.path);
  await makeRunFolders(paths);
  await writePlan(paths.directory, plan!);
  await writeState(paths.directory, state!);
  // An agent that is busy: it says nothing yet.
  writeFileSync(join(paths.directory, 'control.token'), 'its-own');
  const agent = await holdRun(paths.directory);
  let told = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    told += String(text);
    return true;
  });
  const stop = new AbortController();
  setTimeout(() => stop.abort('SIGINT'), 200);
  const given = { run: [runId], storage: storage.path };
  await expect(syncAction(given, { NO_COLOR: '1' }, stop.signal)).rejects.toBe('SIGINT');
  await agent?.close();
  expect(told.replaceAll(/\s+/g, ' ')).toMatch(/goes on\. What is not there yet: `\S*slipway ps`/);
});
