import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { storageProblem } from '../../../src/agent/storage-problem.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

it('finds nothing wrong with a folder that can be written, and leaves nothing in it', async () => {
  await using folder = await temporaryDirectory();
  expect(await storageProblem(folder.path)).toBeNull();
  expect(await readdir(folder.path)).toEqual([]);
});

it('says that a folder was removed, or that another thing is in its place', async () => {
  await using folder = await temporaryDirectory();
  const run = folder.join('run');
  await mkdir(run);
  await rm(run, { recursive: true });
  expect(await storageProblem(run)).toBe(`the run folder ${run} was removed`);
  await writeFile(run, '');
  expect(await storageProblem(run)).toBe(`the run folder ${run} was removed`);
});
