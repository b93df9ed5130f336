import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeTrainerContext } from '../../../src/image/index.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/index.ts';

const files = {
  Dockerfile:
    'FROM a AS build\nCOPY deploy/step.sh .ca* /host/\nCOPY package.json package-lock.json ./\nCOPY src ./src\n',
  'package.json': '{}',
  'package-lock.json': '{"lockfileVersion": 3}',
  'deploy/step.sh': '#!/bin/sh\n',
  'deploy/other.sh': 'not copied',
  'src/main.ts': 'export {};\n',
  'src/deep/er.ts': 'export {};\n',
  'docs/guide.md': 'words',
};

let folder: TemporaryDirectory;
beforeEach(async () => {
  folder = await temporaryDirectory();
});
afterEach(() => folder.remove());

const context = (name: string) => describeTrainerContext(folder.join(name), new AbortController().signal);

function write(name: string, changes: Readonly<Record<string, string>> = {}): void {
  for (const [path, content] of Object.entries({ ...files, ...changes })) {
    mkdirSync(dirname(folder.join(name, path)), { recursive: true });
    writeFileSync(folder.join(name, path), content);
  }
  chmodSync(folder.join(name, 'deploy/step.sh'), 0o755);
}

function writeClone(): void {
  write('clone', { '.gitignore': 'src/secret.ts\n', 'src/secret.ts': 'not tracked' });
  execFileSync('git', ['init', '--quiet'], { cwd: folder.join('clone') });
}

/** As npm leaves it: without the lock file at its root, in a folder that the repository around it ignores. */
function writePackage(): void {
  const root = 'project/node_modules/slipway';
  write(root);
  renameSync(folder.join(root, 'package-lock.json'), folder.join(root, 'deploy/package-lock.json'));
  writeFileSync(folder.join('project/.gitignore'), 'node_modules/\n');
  execFileSync('git', ['init', '--quiet'], { cwd: folder.join('project') });
}

describe('what the image of the trainer is built from', () => {
  it('is what the Dockerfile copies, and no file that git ignores', async () => {
    writeClone();
    expect((await context('clone')).files).toEqual([
      expect.objectContaining({ path: 'Dockerfile' }),
      expect.objectContaining({ path: 'deploy/step.sh', mode: 0o755 }),
      expect.objectContaining({ path: 'package-lock.json' }),
      expect.objectContaining({ path: 'package.json' }),
      expect.objectContaining({ path: 'src/deep/er.ts' }),
      expect.objectContaining({ path: 'src/main.ts', mode: 0o644 }),
    ]);
  });

  it('is the same for a clone and for the npm package of it', async () => {
    writeClone();
    writePackage();
    const packed = await context('project/node_modules/slipway');
    expect(packed.files).toContainEqual(
      expect.objectContaining({ path: 'package-lock.json', source: 'deploy/package-lock.json' }),
    );
    expect(packed.treeHash).toBe((await context('clone')).treeHash);
  });

  it('is another one where a file of it changes, and only then', async () => {
    writePackage();
    const root = 'project/node_modules/slipway';
    const before = (await context(root)).treeHash;
    writeFileSync(folder.join(root, 'docs/guide.md'), 'other words');
    expect((await context(root)).treeHash).toBe(before);
    writeFileSync(folder.join(root, 'src/main.ts'), 'export const changed = true;\n');
    expect((await context(root)).treeHash).not.toBe(before);
  });

  it('names what an installation lacks', async () => {
    writePackage();
    rmSync(folder.join('project/node_modules/slipway/src'), { recursive: true });
    await expect(context('project/node_modules/slipway')).rejects.toMatchObject({
      message: expect.stringMatching(/slipway\/src is missing\.$/),
      hint: 'Install Slipway again.',
    });
  });
});
