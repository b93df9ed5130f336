import { expect, test } from 'vitest';
import { isOrphan } from '../../../src/machine/adopt-orphans.ts';
import { makeRunFolders, writePlan } from '../../../src/runs/index.ts';
import { temporaryDirectory } from '../../support/index.ts';
import { storedRun } from './stored.ts';

test('a run that is over and settled needs no agent, however long ago that was; one that has something to send does', async () => {
  await using folder = await temporaryDirectory();
  const settled = storedRun('20260102-030405-test', {}, folder.path);
  await makeRunFolders(settled.paths);
  await writePlan(settled.paths.directory, settled.plan!);
  const options = { self: { uid: process.getuid?.() ?? 0, machineId: 'test' }, environment: {} };
  expect(await isOrphan(settled, options)).toBe(false);
  const unsent = storedRun('20260102-030405-test', { state: { statusSent: false, drained: false } }, folder.path);
  expect(await isOrphan(unsent, options)).toBe(true);
});
