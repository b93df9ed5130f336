import { mkdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { planPrune } from '../../../src/machine/prune.ts';
import { temporaryDirectory } from '../../support/index.ts';

test('the container of a run whose folder is gone goes, and not where all of its storage is away: a disk may not be mounted', async () => {
  await using mountPoint = await temporaryDirectory();
  const container = {
    ...{ id: 'c1', name: 'slipway-20260102-030405-abcd', runId: '20260102-030405-abcd', imageId: 'i1' },
    ...{ ownerUid: process.getuid?.() ?? 0, storage: mountPoint.path, project: null, state: 'exited', createdAtMs: 0 },
  };
  const found = { containers: [container], problem: null, hasNoEngine: false, engine: null };
  const plan = () =>
    planPrune(
      { storages: [], known: [], isOnly: false, found },
      { kinds: new Set(['containers']), olderThanMs: 0, keep: 0, nowMs: Date.now() },
    );
  expect(await plan()).toEqual([]);
  mkdirSync(mountPoint.join('runs'));
  expect((await plan()).map(({ id }) => id)).toEqual([container.name]);
});
