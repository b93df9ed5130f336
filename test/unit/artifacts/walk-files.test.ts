import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { walkFiles } from '../../../src/artifacts/walk-files.ts';
import { temporaryDirectory } from '../../support/index.ts';

describe('walkFiles', () => {
  it('finds all files with their relative paths, and links to files inside', async () => {
    await using directory = await temporaryDirectory();
    await mkdir(directory.join('b', 'c'), { recursive: true });
    await mkdir(directory.join('empty'));
    await writeFile(directory.join('b', 'c', 'x.txt'), '');
    await writeFile(directory.join('a.txt'), '');
    await symlink('c/x.txt', directory.join('b', 'link.txt'));
    await symlink('.', directory.join('b', 'loop'));
    expect(await walkFiles(directory.path)).toEqual(['a.txt', 'b/c/x.txt', 'b/link.txt']);
  });

  it('refuses a link that leads out of the folder', async () => {
    await using directory = await temporaryDirectory();
    await using elsewhere = await temporaryDirectory();
    await writeFile(elsewhere.join('secret'), '');
    await symlink(elsewhere.join('secret'), directory.join('link'));
    await expect(walkFiles(directory.path)).rejects.toThrow('outside of the folder');
  });
});
