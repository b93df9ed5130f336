import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { removeUnfinished } from '../../../src/runs/index.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

it('removes what a killed agent was writing, and nothing that is whole or that others write', async () => {
  await using run = await temporaryDirectory();
  await mkdir(run.join('sync'));
  const left = ['.state.json.123.0a1b2c3d.tmp', '.probe.123.tmp', 'sync/.trainer.json.123.0a1b2c3d.tmp'];
  const kept = ['.plan.json.123.0a1b2c3d.tmp', 'state.json', 'sync/trainer.json', 'notes.tmp'];
  for (const name of [...left, ...kept]) await writeFile(run.join(name), '');
  await removeUnfinished(run.path);
  const names = await readdir(run.path, { recursive: true });
  expect(names.sort()).toEqual([...kept, 'sync'].sort());
});

it('does nothing where there is no folder', async () => {
  await using folder = await temporaryDirectory();
  await expect(removeUnfinished(folder.join('gone'))).resolves.toBeUndefined();
});
