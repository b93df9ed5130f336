import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { leftOutReason, looksLikeCredentials, writeDiff } from '../../../src/source/index.ts';
import { GitSandbox } from './git-repository.ts';

let sandbox: GitSandbox;
let repository: string;
let diff: string;

beforeEach(() => {
  sandbox = new GitSandbox();
  repository = join(sandbox.directory, 'repository');
  diff = join(sandbox.directory, 'changes.diff');
  sandbox.git('.', 'init', '--quiet', '--initial-branch=main', 'repository');
});

afterEach(() => {
  sandbox[Symbol.dispose]();
});

function write(path: string, content: string | Uint8Array = `${path}\n`): void {
  mkdirSync(join(repository, path, '..'), { recursive: true });
  writeFileSync(join(repository, path), content);
}

function commitAll(): void {
  sandbox.git('repository', 'add', '--all');
  sandbox.git('repository', 'commit', '--quiet', '-m', 'Change');
}

/** The tree git makes of all files of a folder that it does not ignore. */
function treeOf(folder: string): string {
  sandbox.git(folder, 'add', '--all');
  return sandbox.git(folder, 'write-tree').trim();
}

/** The tree of a clean clone to which the written diff is applied. */
function treeOfPatchedClone(): string {
  sandbox.git('.', 'clone', '--quiet', 'repository', 'clone');
  sandbox.git('clone', 'apply', '--binary', diff);
  return treeOf('clone');
}

describe('writeDiff', () => {
  it('writes every kind of change so that a clean clone with it has the same tree', async () => {
    write('.gitignore', 'ignored/\n');
    write('changed.js', 'a\nb\nc\n');
    write(
      'weights.bin',
      Uint8Array.from({ length: 70_000 }, (_, index) => (index * 7919) % 256),
    );
    write('deleted.txt');
    write('moved.txt', 'long enough to be found again\n'.repeat(20));
    write('script.sh', '#!/bin/sh\n');
    write('no-end', 'no line end');
    symlinkSync('changed.js', join(repository, 'link'));
    commitAll();

    write('changed.js', 'a\nB\nc\r\n');
    write(
      'weights.bin',
      Uint8Array.from({ length: 70_001 }, (_, index) => (index * 104_729) % 256),
    );
    write('staged.txt');
    sandbox.git('repository', 'add', 'staged.txt');
    write('staged.txt', 'changed again after it was staged\n');
    sandbox.git('repository', 'mv', 'moved.txt', 'elsewhere.txt');
    rmSync(join(repository, 'deleted.txt'));
    chmodSync(join(repository, 'script.sh'), 0o755);
    write('no-end', 'still no line end');
    write('new folder/ümläut "quoted"\t.txt');
    write('new.png', Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3]));
    write('empty', '');
    write(':(top)odd*name[');
    symlinkSync('gone', join(repository, 'new-link'));
    rmSync(join(repository, 'link'));
    symlinkSync('script.sh', join(repository, 'link'));
    write('ignored/data', 'x');

    const indexBefore = readFileSync(join(repository, '.git', 'index'));
    const statusBefore = sandbox.git('repository', '--no-optional-locks', 'status', '--porcelain');
    const objectsBefore = sandbox.git('repository', 'count-objects');
    const written = await writeDiff(repository, diff);
    expect(readFileSync(join(repository, '.git', 'index')).equals(indexBefore)).toBe(true);
    expect(sandbox.git('repository', '--no-optional-locks', 'status', '--porcelain')).toBe(statusBefore);
    expect(sandbox.git('repository', 'count-objects')).toBe(objectsBefore);
    expect(written).toEqual({ sizeBytes: readFileSync(diff).length, leftOut: [] });
    expect(treeOfPatchedClone()).toBe(treeOf('repository'));
  });

  it('leaves out new files that look like credentials or are large, and lists them; tracked ones stay', async () => {
    write('.env.production', 'A=1\n');
    commitAll();
    write('.env.production', 'A=2\n');
    write('.env', 'SECRET=hunter2\n');
    write('data/cells.bin', new Uint8Array(5_000_001));
    write('kept.txt');
    sandbox.git('repository', 'init', '--quiet', 'nested');
    write('nested/file');

    const { leftOut } = await writeDiff(repository, diff);
    expect(leftOut).toEqual([
      { path: '.env', reason: 'looks like credentials' },
      { path: 'data/cells.bin', reason: 'is over 5 MB and not tracked' },
      { path: 'nested/', reason: 'is a git repository of its own' },
    ]);
    const text = readFileSync(diff, 'utf8');
    expect(text).not.toContain('hunter2');
    expect(text).toContain('+A=2');
    for (const { path } of leftOut) rmSync(join(repository, path), { recursive: true });
    expect(treeOfPatchedClone()).toBe(treeOf('repository'));
  });

  it('keeps to the folder it is asked about, with paths from the top', async () => {
    write('project/a.txt');
    write('other/b.txt');
    commitAll();
    write('project/a.txt', 'changed\n');
    write('project/new.txt');
    write('other/b.txt', 'changed\n');
    sandbox.git('repository', 'config', 'diff.relative', 'true');
    await writeDiff(join(repository, 'project'), diff);
    sandbox.git('repository', 'checkout', '--quiet', '--', 'other');
    expect(treeOfPatchedClone()).toBe(treeOf('repository'));
  });

  it('takes the files as they are in the middle of a conflict', async () => {
    for (const name of ['a.txt', 'kept-here', 'kept-there']) write(name, 'one\n');
    commitAll();
    sandbox.git('repository', 'checkout', '--quiet', '-b', 'side');
    for (const name of ['a.txt', 'kept-there', 'added']) write(name, 'two\n');
    rmSync(join(repository, 'kept-here'));
    commitAll();
    sandbox.git('repository', 'checkout', '--quiet', 'main');
    for (const name of ['a.txt', 'kept-here', 'added']) write(name, 'three\n');
    rmSync(join(repository, 'kept-there'));
    commitAll();
    expect(() => sandbox.git('repository', 'merge', 'side')).toThrow();
    await writeDiff(repository, diff);
    expect(readFileSync(diff, 'utf8')).toContain('+<<<<<<< HEAD');
    expect(treeOfPatchedClone()).toBe(treeOf('repository'));
  });

  it('does not depend on the diff settings of the user', async () => {
    write('a.txt', 'one\n');
    commitAll();
    write('a.txt', 'two\n');
    for (const [key, value] of [
      ['diff.noprefix', 'true'],
      ['diff.external', 'false'],
      ['color.ui', 'always'],
    ]) {
      sandbox.git('repository', 'config', key!, value!);
    }
    await writeDiff(repository, diff);
    expect(treeOfPatchedClone()).toBe(treeOf('repository'));
  });

  it('does without an index, as a tool of its own may have left the folder', async () => {
    write('a.txt', 'one\n');
    write('same.txt');
    write('.env', 'A=1\n');
    commitAll();
    rmSync(join(repository, '.git', 'index'));
    write('a.txt', 'two\n');
    write('new.txt');
    expect(await writeDiff(repository, diff)).toMatchObject({ leftOut: [] });
    expect(readFileSync(diff, 'utf8')).not.toContain('same.txt');
    expect(treeOfPatchedClone()).toBe(treeOf('repository'));
  });

  it('writes an empty file where nothing has changed', async () => {
    write('a.txt');
    commitAll();
    expect(await writeDiff(repository, diff)).toEqual({ sizeBytes: 0, leftOut: [] });
  });

  it('fails with the words of git', async () => {
    await expect(writeDiff(repository, diff)).rejects.toThrow(/^git .* failed: fatal: .*HEAD/);
  });
});

describe('looksLikeCredentials', () => {
  it.each([
    '.env',
    'config/.env.local',
    '.netrc',
    'home/.ssh/config',
    'keys/id_rsa',
    'server.PEM',
    'credentials.json',
    'secrets.yaml',
    '.aws/config',
    'service-account.json',
  ])('is true for %s', (path) => {
    expect(looksLikeCredentials(path)).toBe(true);
  });

  it.each(['.env.example', 'src/environment.ts', 'id_rsa.pub', 'keyboard.ts', 'secretary.txt', 'model.keras'])(
    'is false for %s',
    (path) => {
      expect(looksLikeCredentials(path)).toBe(false);
    },
  );
});

describe('leftOutReason', () => {
  it('lets a file of 5 MB pass and none that is larger', () => {
    expect(leftOutReason('a.bin', 5_000_000)).toBeNull();
    expect(leftOutReason('a.bin', 5_000_001)).toBe('is over 5 MB and not tracked');
  });
});
