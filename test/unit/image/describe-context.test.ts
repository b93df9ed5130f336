import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeContext } from '../../../src/image/index.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/index.ts';

let folder: TemporaryDirectory;
beforeEach(async () => {
  folder = await temporaryDirectory();
});
afterEach(() => folder.remove());

function write(path: string, content = path): void {
  const file = folder.join(path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, content);
}

function git(...words: string[]): void {
  execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...words], {
    cwd: folder.path,
    stdio: 'pipe',
  });
}

function commit(): void {
  git('init', '--quiet');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'First');
}

async function paths(directory = folder.path): Promise<string[]> {
  return (await describeContext(directory)).files.map((file) => file.path);
}

describe('what enters the image', () => {
  it('is what git would take, less .dockerignore, in order', async () => {
    write('.gitignore', 'ignored/\n');
    write('.dockerignore', 'docs\n*.md\n!keep.md\n');
    for (const path of ['b.py', 'a/x.py', 'docs/d.txt', 'README.md', 'keep.md', 'ignored/data.bin']) write(path);
    commit();
    write('new.py');
    expect(await paths()).toEqual(['.dockerignore', '.gitignore', 'a/x.py', 'b.py', 'keep.md', 'new.py']);
  });

  it('holds links as links, the executable bit, and neither deleted files nor pipes', async () => {
    write('run.sh');
    write('gone.py');
    chmodSync(folder.join('run.sh'), 0o700);
    symlinkSync('run.sh', folder.join('start'));
    commit();
    rmSync(folder.join('gone.py'));
    execFileSync('mkfifo', [folder.join('pipe')]);
    expect((await describeContext(folder.path)).files).toEqual([
      { path: 'run.sh', mode: 0o755, isLink: false, sizeBytes: 6 },
      { path: 'start', mode: 0o755, isLink: true, sizeBytes: 6 },
    ]);
  });

  it('is the folder of the project alone where that is not the repository', async () => {
    write('outside.py');
    write('project/inside.py');
    commit();
    write('outside.py', 'changed');
    const context = await describeContext(folder.join('project'));
    expect(context.files.map((file) => file.path)).toEqual(['inside.py']);
    expect(context.treeHash).toBeNull();
    write('project/inside.py', 'changed');
    const first = (await describeContext(folder.join('project'))).treeHash;
    write('project/inside.py', 'another');
    const second = (await describeContext(folder.join('project'))).treeHash;
    expect(first).not.toBeNull();
    expect(second).not.toBe(first);
  });

  it('leaves out new files that look like credentials or are large, and says so', async () => {
    write('train.py');
    commit();
    write('.env', 'TOKEN=1');
    write('keys/server.pem');
    write('weights.bin', '');
    truncateSync(folder.join('weights.bin'), 6_000_000);
    const context = await describeContext(folder.path);
    expect(context.files.map((file) => file.path)).toEqual(['train.py']);
    expect(context.excluded).toEqual([
      { path: '.env', reason: 'looks like credentials' },
      { path: 'keys/server.pem', reason: 'looks like credentials' },
      { path: 'weights.bin', reason: 'is over 5 MB and not tracked' },
    ]);
  });

  it('holds the Dockerfile even where .dockerignore names it: the builder reads it out of the context', async () => {
    write('Dockerfile');
    write('.dockerignore', '*\n');
    commit();
    expect(await paths()).toEqual(['Dockerfile']);
  });

  it('outside git is every file but what is always generated', async () => {
    write('train.py');
    write('node_modules/x/index.js');
    write('src/__pycache__/train.pyc');
    write('mlruns/0/meta.yaml');
    const context = await describeContext(folder.path);
    expect(context.files.map((file) => file.path)).toEqual(['train.py']);
    expect(context.treeHash).toMatch(/^[0-9a-f]{16}$/);
  });

  it('holds the files of submodules', async () => {
    await using other = await temporaryDirectory();
    writeFileSync(other.join('inner.py'), 'inner');
    const inOther = { cwd: other.path, stdio: 'pipe' } as const;
    execFileSync('git', ['init', '--quiet'], inOther);
    execFileSync('git', ['add', '--all'], inOther);
    execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.com', 'commit', '-qm', 'Inner'], inOther);
    write('train.py');
    commit();
    git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', other.path, 'lib');
    git('commit', '--quiet', '--message', 'With a submodule');
    expect(await paths()).toEqual(['.gitmodules', 'lib/inner.py', 'train.py']);
  });
});

describe('the digest of a tree', () => {
  it('is not needed for a clean tree', async () => {
    write('train.py');
    commit();
    expect((await describeContext(folder.path)).treeHash).toBeNull();
  });

  it('differs with a content, a name and an executable bit, and returns with the tree', async () => {
    write('train.py');
    write('other.py');
    commit();
    const hash = async () => (await describeContext(folder.path)).treeHash;
    write('train.py', 'one');
    const first = await hash();
    write('train.py', 'two');
    const second = await hash();
    chmodSync(folder.join('train.py'), 0o755);
    const third = await hash();
    write('new.py');
    const fourth = await hash();
    expect(new Set([first, second, third, fourth]).size).toBe(4);
    rmSync(folder.join('new.py'));
    chmodSync(folder.join('train.py'), 0o644);
    expect(await hash()).toBe(second);
  });

  it('is the same for a change and for the same change in the index', async () => {
    write('train.py');
    commit();
    write('train.py', 'one');
    const { treeHash } = await describeContext(folder.path);
    git('add', '--all');
    expect((await describeContext(folder.path)).treeHash).toBe(treeHash);
  });

  it('does not see what runs write into a storage folder inside the project', async () => {
    write('train.py');
    commit();
    write('storage/runs/one/plan.json');
    const context = await describeContext(folder.path, { exclude: [folder.join('storage')] });
    expect(context.treeHash).toBeNull();
    expect(context.files.map((file) => file.path)).toEqual(['train.py']);
  });
});
