import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { artifactPath, planUpload } from '../../../src/stream/upload-files.ts';

let run: string;
beforeEach(() => {
  run = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-upload-')));
  mkdirSync(join(run, 'artifacts', 'plots', 'deep'), { recursive: true });
  mkdirSync(join(run, 'logs'));
  for (const file of ['artifacts/a.txt', 'artifacts/plots/b.svg', 'artifacts/plots/deep/c.svg', 'logs/out.log'])
    writeFileSync(join(run, file), file);
});
afterEach(() => rmSync(run, { recursive: true, force: true }));

describe('planUpload', () => {
  it.each([
    ['artifacts/a.txt', undefined, ['a.txt']],
    ['./artifacts//a.txt', undefined, ['a.txt']],
    ['logs/out.log', undefined, ['logs/out.log']],
    ['logs/out.log', 'logs', ['logs/out.log']],
    ['logs/out.log', '', ['out.log']],
    ['artifacts/a.txt', 'x/y/', ['x/y/a.txt']],
    ['artifacts/plots', undefined, ['plots/b.svg', 'plots/deep/c.svg']],
    ['artifacts/plots', 'x', ['x/b.svg', 'x/deep/c.svg']],
    ['artifacts/plots/', '', ['b.svg', 'deep/c.svg']],
    ['artifacts', undefined, ['a.txt', 'plots/b.svg', 'plots/deep/c.svg']],
  ])('puts %s, to %j, at %j', async (path, to, expected) => {
    const { uploads, problems } = await planUpload(run, path, to);
    expect(uploads.map((upload) => upload.to)).toEqual(expected);
    expect(problems).toEqual([]);
  });

  it('follows a link to a file of the run folder and tells of every other', async () => {
    symlinkSync('../a.txt', join(run, 'artifacts', 'plots', 'inside'));
    symlinkSync('/etc/hostname', join(run, 'artifacts', 'plots', 'outside'));
    symlinkSync('/etc', join(run, 'artifacts', 'plots', 'folder'));
    symlinkSync('deep', join(run, 'artifacts', 'plots', 'near'));
    const { uploads, problems } = await planUpload(run, 'artifacts/plots');
    expect(uploads).toContainEqual({ file: join(run, 'artifacts', 'a.txt'), to: 'plots/inside' });
    expect(uploads).toHaveLength(3);
    expect([...problems].sort()).toEqual([
      expect.stringMatching(/folder" leads out of the run folder/),
      expect.stringMatching(/near" is a link to a folder/),
      expect.stringMatching(/outside" leads out of the run folder/),
    ]);
  });

  it.each(['a#b', 'a%20b', '../a', '/a', 'a\\b'])('refuses to put anything at %s', async (to) => {
    await expect(planUpload(run, 'artifacts/a.txt', to)).rejects.toThrow(/cannot be a path among the artifacts/);
    expect(() => artifactPath(to)).toThrow();
  });
});
