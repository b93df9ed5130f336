import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolveInRunDirectory } from '../../../src/runlog/index.ts';

let root: string;
let run: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-inside-')));
  run = join(root, 'run');
  mkdirSync(join(run, 'artifacts'), { recursive: true });
  writeFileSync(join(run, 'artifacts', 'a.txt'), 'a');
  writeFileSync(join(root, 'secret'), 's');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('resolveInRunDirectory', () => {
  it('finds files and follows links that stay inside', async () => {
    symlinkSync('a.txt', join(run, 'artifacts', 'link'));
    expect(await resolveInRunDirectory(run, 'artifacts/a.txt')).toBe(join(run, 'artifacts', 'a.txt'));
    expect(await resolveInRunDirectory(run, 'artifacts/link')).toBe(join(run, 'artifacts', 'a.txt'));
    expect(await resolveInRunDirectory(run, '.')).toBe(run);
  });

  it.each(['../secret', '/etc/passwd', 'artifacts/../../secret', '..'])('refuses %s', async (path) => {
    await expect(resolveInRunDirectory(run, path)).rejects.toThrow(/not below the run folder/);
  });

  it('refuses a link that leads out, be it the file or a folder on the way', async () => {
    symlinkSync(join(root, 'secret'), join(run, 'artifacts', 'file'));
    symlinkSync(root, join(run, 'folder'));
    await expect(resolveInRunDirectory(run, 'artifacts/file')).rejects.toThrow(/symbolic link/);
    await expect(resolveInRunDirectory(run, 'folder/secret')).rejects.toThrow(/symbolic link/);
  });

  it('says so where nothing is there', async () => {
    await expect(resolveInRunDirectory(run, 'artifacts/none')).rejects.toThrow(/is not in the run folder/);
  });
});
