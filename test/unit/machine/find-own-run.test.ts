import { mkdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { findRunAmong, requireOwnRun } from '../../../src/machine/find-own-run.ts';
import { currentSelf } from '../../../src/machine/self.ts';
import { readStoredRun, runPaths, writePlan } from '../../../src/runs/index.ts';
import { examplePlan } from '../../support/example-plan.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/index.ts';

let one: TemporaryDirectory;
let two: TemporaryDirectory;
const ids = { first: '20260101-000000-aaaa', later: '20260201-000000-bbbb', other: '20260101-000000-cccc' };

async function makeRun(storage: TemporaryDirectory, runId: string, runName: string, uid?: number): Promise<void> {
  const { directory } = runPaths(storage.path, runId);
  mkdirSync(directory, { recursive: true });
  const owner = uid === undefined ? {} : { uid };
  const plan = examplePlan({ runId, projectDirectory: '/project', storageDirectory: storage.path, ...owner });
  const host = { name: 'here', machineId: currentSelf().machineId };
  await writePlan(directory, { ...plan, runName, host });
}

beforeAll(async () => {
  [one, two] = [await temporaryDirectory(), await temporaryDirectory()];
  await makeRun(one, ids.first, 'baseline');
  await makeRun(two, ids.later, 'baseline');
  await makeRun(two, ids.other, 'foreign', 54_321);
});

afterAll(async () => {
  await one?.remove();
  await two?.remove();
});

describe('a run among several storages', () => {
  it.each([
    ['its id', ids.first, ids.first],
    ['the start of its id', '202602', ids.later],
    ['its name, the newest of all storages', 'baseline', ids.later],
  ])('is found by %s', async (_title, text, runId) => {
    expect((await findRunAmong([one.path, two.path], text)).runId).toBe(runId);
  });

  it('is not found by a start that several ids have, or by a slip, and what is near is named', async () => {
    const storages = [one.path, two.path];
    await expect(findRunAmong(storages, '20260101')).rejects.toThrow(/means several runs: .*aaaa.*cccc/);
    await expect(findRunAmong(storages, 'basline')).rejects.toThrow(/No run "basline" in .*baseline/);
    await expect(findRunAmong([], 'x')).rejects.toThrow(UsageError);
  });
});

describe("a user's own run", () => {
  it('is one by its plan and by its folder', async () => {
    const own = await readStoredRun(one.path, ids.first);
    expect((await requireOwnRun(own!)).runId).toBe(ids.first);
    const foreign = await readStoredRun(two.path, ids.other);
    await expect(requireOwnRun(foreign!)).rejects.toThrow('belongs to');
  });

  it('is none where a plan names its user and the folder is not theirs', async () => {
    const own = await readStoredRun(one.path, ids.first);
    // A folder of the system's, for a test that does not run as root alone.
    const elsewhere = { ...own!, paths: { ...own!.paths, directory: '/nowhere' } };
    await expect(requireOwnRun(elsewhere)).rejects.toThrow('another user, as its folder says');
  });
});
