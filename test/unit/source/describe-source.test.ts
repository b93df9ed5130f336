import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseStatus } from '../../../src/source/describe-source.ts';
import { describeSource } from '../../../src/source/index.ts';
import { withoutUserInfo } from '../../../src/source/repository.ts';
import { GitSandbox } from './git-repository.ts';

let sandbox: GitSandbox;
let repository: string;

beforeEach(() => {
  sandbox = new GitSandbox();
  repository = join(sandbox.directory, 'repository');
  sandbox.git('.', 'init', '--quiet', '--initial-branch=main', 'repository');
});

afterEach(() => {
  vi.unstubAllEnvs();
  sandbox[Symbol.dispose]();
});

function write(path: string, content = path): void {
  mkdirSync(join(sandbox.directory, path, '..'), { recursive: true });
  writeFileSync(join(sandbox.directory, path), content);
}

function commitAll(folder = 'repository'): string {
  sandbox.git(folder, 'add', '--all');
  sandbox.git(folder, 'commit', '--quiet', '--allow-empty', '-m', 'Change');
  return sandbox.git(folder, 'rev-parse', 'HEAD').trim();
}

describe('describeSource', () => {
  it('tells commit, branch and remote of a clean repository', async () => {
    write('repository/train.js');
    const commit = commitAll();
    sandbox.git('repository', 'remote', 'add', 'origin', 'https://ada:token@example.org/team/cells.git');
    expect(await describeSource(repository)).toEqual({
      commit,
      branch: 'main',
      repositoryUrl: 'https://example.org/team/cells.git',
      dirty: false,
      changedFiles: 0,
      topLevel: repository,
      unversioned: null,
    });
  });

  it('counts changed, new, renamed and deleted files, not ignored ones', async () => {
    for (const name of ['changed', 'renamed', 'deleted', 'same']) write(`repository/${name}`);
    write('repository/.gitignore', 'ignored/\n');
    commitAll();
    write('repository/changed', 'other');
    write('repository/new folder/ä');
    write('repository/new folder/b');
    write('repository/ignored/c');
    sandbox.git('repository', 'mv', 'renamed', '1 other name');
    sandbox.git('repository', 'rm', '--quiet', 'deleted');
    expect(await describeSource(repository)).toMatchObject({ dirty: true, changedFiles: 5 });
  });

  it('looks at the changes of its own folder alone', async () => {
    write('repository/project/train.js');
    commitAll();
    write('repository/elsewhere.txt');
    const source = await describeSource(join(repository, 'project'));
    expect(source).toMatchObject({ dirty: false, topLevel: repository });
    write('repository/project/new.js');
    expect(await describeSource(join(repository, 'project'))).toMatchObject({ dirty: true, changedFiles: 1 });
  });

  it('does not claim a commit for a folder that git ignores', async () => {
    write('repository/.gitignore', 'scratch/\n');
    commitAll();
    write('repository/scratch/train.js');
    expect(await describeSource(join(repository, 'scratch'))).toMatchObject({
      commit: null,
      unversioned: `${repository}/scratch is ignored by the git repository ${repository}.`,
    });
  });

  it('has no branch on a detached HEAD', async () => {
    const commit = commitAll();
    sandbox.git('repository', 'checkout', '--quiet', '--detach');
    expect(await describeSource(repository)).toMatchObject({ commit, branch: null, repositoryUrl: null });
  });

  it('takes the remote of the branch where it is not origin', async () => {
    commitAll();
    sandbox.git('repository', 'remote', 'add', 'origin', 'https://example.org/fork.git');
    sandbox.git('repository', 'remote', 'add', 'upstream', 'git@example.org:team/cells.git');
    sandbox.git('repository', 'config', 'branch.main.remote', 'upstream');
    expect(await describeSource(repository)).toMatchObject({ repositoryUrl: 'git@example.org:team/cells.git' });
  });

  it('reads another worktree, a submodule and a link to a repository', async () => {
    const commit = commitAll();
    sandbox.git('repository', 'worktree', 'add', '--quiet', '-b', 'side', '../worktree');
    expect(await describeSource(join(sandbox.directory, 'worktree'))).toMatchObject({
      commit,
      branch: 'side',
      topLevel: join(sandbox.directory, 'worktree'),
    });

    sandbox.git('.', 'init', '--quiet', '--initial-branch=main', 'outer');
    sandbox.git('outer', 'submodule', 'add', '--quiet', '../repository', 'inner');
    commitAll('outer');
    expect(await describeSource(join(sandbox.directory, 'outer', 'inner'))).toMatchObject({ commit, dirty: false });
    write('outer/inner/new.js');
    expect(await describeSource(join(sandbox.directory, 'outer'))).toMatchObject({ dirty: true, changedFiles: 1 });

    symlinkSync(repository, join(sandbox.directory, 'link'));
    expect(await describeSource(join(sandbox.directory, 'link'))).toMatchObject({ commit, topLevel: repository });
  });

  it('is not misled by the variables of a git hook', async () => {
    const commit = commitAll();
    sandbox.git('.', 'init', '--quiet', 'other');
    vi.stubEnv('GIT_DIR', join(sandbox.directory, 'other', '.git'));
    vi.stubEnv('GIT_INDEX_FILE', join(sandbox.directory, 'other', '.git', 'index'));
    expect(await describeSource(repository)).toMatchObject({ commit, dirty: false });
  });

  it('refuses a repository without a commit', async () => {
    await expect(describeSource(repository)).rejects.toMatchObject({
      message: `The git repository ${repository} has no commit yet.`,
      exitCode: 64,
      hint: expect.stringContaining('git commit'),
    });
  });

  it('has nothing to tell outside of git, and without git', async () => {
    expect(await describeSource(sandbox.directory)).toMatchObject({
      commit: null,
      dirty: false,
      topLevel: null,
      unversioned: `${sandbox.directory} is in no git repository.`,
    });
    commitAll();
    vi.stubEnv('PATH', sandbox.directory);
    expect(await describeSource(repository)).toMatchObject({
      commit: null,
      unversioned: 'git is not installed, or not in the PATH.',
    });
  });

  it('names the command that makes git trust the repository of another user', async () => {
    commitAll();
    vi.stubEnv('GIT_TEST_ASSUME_DIFFERENT_OWNER', '1');
    await expect(describeSource(repository)).rejects.toMatchObject({
      message: `git does not read the repository ${repository}, because another user owns it.`,
      hint: `If you trust it: \`git config --global --add safe.directory ${repository}\``,
    });
  });

  it('stops when it is told to', async () => {
    commitAll();
    const reason = new Error('stop');
    await expect(describeSource(repository, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe('parseStatus', () => {
  it('does not take the old path of a rename for an entry', () => {
    const output = '# branch.oid abc\0# branch.head x\x002 R. N... 1 1 1 a b R100 new\0? old\0u UU N... c\0';
    expect(parseStatus(output)).toEqual({ commit: 'abc', branch: 'x', changedFiles: 2 });
  });
});

it('tells no login that a setting of git puts into the address of the remote', async () => {
  write('repository/train.js');
  commitAll();
  sandbox.git('repository', 'remote', 'add', 'origin', 'company:team/cells.git');
  sandbox.git('repository', 'config', 'url.https://oauth2:to-ken@example.org/.insteadOf', 'company:');
  expect((await describeSource(repository)).repositoryUrl).toBe('https://example.org/team/cells.git');
});

describe('withoutUserInfo', () => {
  it.each([
    ['https://user:token@example.org/a.git', 'https://example.org/a.git'],
    ['https://token@example.org/a.git', 'https://example.org/a.git'],
    ['ssh://git:secret@example.org:22/a.git', 'ssh://git@example.org:22/a.git'],
    ['git@example.org:team/a.git', 'git@example.org:team/a.git'],
    ['https://user:to#ken@example.org/a.git', 'https://example.org/a.git'],
    ['https://user:to ken@example.org/a.git', 'https://example.org/a.git'],
    ['https://example.org/a.git?private_token=secret', 'https://example.org/a.git'],
    ['ada:secret@example.org:team/a.git', 'ada@example.org:team/a.git'],
    ['../other/repository', '../other/repository'],
    ['file:///srv/a.git', 'file:///srv/a.git'],
  ])('turns %s into %s', (url, expected) => {
    expect(withoutUserInfo(url)).toBe(expected);
  });
});
