import { readdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { removeUnfinishedWrites } from '../../../src/util/index.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const names = ['state.json', '.state.json.4711.0a1b2c3d.tmp', '.plan.json.12.deadbeef.tmp', '.stdout.raw', 'mine.tmp'];

async function folderWith(only?: string): Promise<string[]> {
  await using folder = await temporaryDirectory('slipway-writes-');
  for (const name of names) writeFileSync(folder.join(name), '');
  await removeUnfinishedWrites(folder.path, only);
  return readdirSync(folder.path).sort();
}

describe('what a killed process had begun to write', () => {
  it('is removed, and nothing else', async () => {
    expect(await folderWith()).toEqual(['.stdout.raw', 'mine.tmp', 'state.json']);
  });

  it('is removed of one file alone, where only that is asked for', async () => {
    expect(await folderWith('state.json')).toEqual([
      ...['.plan.json.12.deadbeef.tmp', '.stdout.raw', 'mine.tmp', 'state.json'],
    ]);
  });

  it('is none in a folder that is missing', async () => {
    await expect(removeUnfinishedWrites('/nowhere/at/all')).resolves.toBeUndefined();
  });
});
