import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { commitFiles } from '../../../src/init/first-commit.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/index.ts';

let folder: TemporaryDirectory;
let project: string;
beforeEach(async () => {
  folder = await temporaryDirectory();
  project = folder.join('demo');
  mkdirSync(project);
  for (const name of ['MLproject', 'other.txt']) writeFileSync(folder.join('demo', name), name);
  // A person who has set nothing up, on a machine whose name tells git no address.
  vi.stubEnv('HOME', folder.path);
  vi.stubEnv('XDG_CONFIG_HOME', undefined);
  vi.stubEnv('GIT_CONFIG_NOSYSTEM', '1');
  setGit('user.useConfigOnly', 'true');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await folder.remove();
});

function setGit(key: string, value: string): void {
  execFileSync('git', ['config', '--global', key, value], { env: { ...process.env, HOME: folder.path } });
}

const git = (...words: string[]) => execFileSync('git', words, { cwd: project, encoding: 'utf8' }).trim();

describe('the first commit of a new project', () => {
  it('is made in a repository of its own, of its files alone, by whom git knows', async () => {
    setGit('user.name', 'A Person');
    setGit('user.email', 'person@example.com');
    const result = await commitFiles(project, ['MLproject'], null);
    expect(result).toEqual({
      kind: 'committed',
      commit: git('rev-parse', 'HEAD'),
      topLevel: project,
      isNew: true,
      author: null,
    });
    expect(git('ls-tree', '-r', '--name-only', 'HEAD')).toBe('MLproject');
    expect(git('log', '--format=%an <%ae>')).toBe('A Person <person@example.com>');
  });

  it("is by this machine's user where git knows no name, and says so", async () => {
    const { username } = userInfo();
    expect(await commitFiles(project, ['MLproject'], null)).toMatchObject({ kind: 'committed', author: username });
    expect(git('log', '--format=%an')).toBe(username);
    expect(git('config', '--get-regexp', '^user\\.')).not.toContain('user.name');
  });

  it('is never made in a repository that is there, unless it is asked for, and then of these files alone', async () => {
    execFileSync('git', ['init', '--quiet'], { cwd: folder.path });
    expect(await commitFiles(project, ['MLproject'], null)).toEqual({ kind: 'uncommitted', topLevel: folder.path });
    expect(git('status', '--porcelain', '--', '.')).toBe('?? demo/');
    git('add', 'other.txt');
    const result = await commitFiles(project, ['MLproject'], true);
    expect(result).toMatchObject({ kind: 'committed', topLevel: folder.path, isNew: false });
    expect(git('ls-tree', '-r', '--name-only', 'HEAD')).toBe('MLproject');
    expect(git('status', '--porcelain', '--', '.')).toBe('A  demo/other.txt');
  });

  it('is left away on request', async () => {
    expect(await commitFiles(project, ['MLproject'], false)).toMatchObject({ kind: 'none' });
    expect(existsSync(folder.join('demo/.git'))).toBe(false);
  });

  it('leaves no repository behind where it cannot be made, and says why', async () => {
    setGit('commit.gpgSign', 'true');
    setGit('gpg.program', '/nowhere/gpg');
    const result = await commitFiles(project, ['MLproject'], null);
    expect(result).toMatchObject({ kind: 'none', why: expect.stringContaining('gpg') });
    expect(existsSync(folder.join('demo/.git'))).toBe(false);
  });

  it('that a hook refuses is told in its words, or by its silence, and takes neither files nor repository away', async () => {
    execFileSync('git', ['init', '--quiet'], { cwd: folder.path });
    const hook = folder.join('.git/hooks/pre-commit');
    writeFileSync(hook, '#!/bin/sh\necho "no commits"\necho "on a Friday" >&2\nexit 1\n', { mode: 0o755 });
    const refused = { kind: 'refused', topLevel: folder.path, isAdded: true };
    expect(await commitFiles(project, ['MLproject'], true)).toEqual({ ...refused, why: 'no commits on a Friday' });
    expect(git('status', '--porcelain', '--', '.')).toBe('A  demo/MLproject\n?? demo/other.txt');
    writeFileSync(hook, '#!/bin/sh\nexit 1\n');
    expect(await commitFiles(project, ['MLproject'], true)).toEqual({
      ...refused,
      why: '`git commit` ended with exit code 1 and said nothing, as where a hook refuses',
    });
    writeFileSync(hook, '#!/bin/sh\nyes much | head -10000; echo and last; exit 1\n');
    const { why } = (await commitFiles(project, ['MLproject'], true)) as { why: string };
    expect(why).toMatch(/^much much .* … .* much and last$/);
    expect(why.length).toBeLessThan(510);
  });

  it('is refused where the repository ignores the files, which are then not added', async () => {
    execFileSync('git', ['init', '--quiet'], { cwd: folder.path });
    writeFileSync(folder.join('.gitignore'), 'demo\n');
    const result = await commitFiles(project, ['MLproject'], true);
    expect(result).toMatchObject({
      kind: 'refused',
      isAdded: false,
      why: expect.stringContaining('ignored by one of'),
    });
  });

  it('is refused where it is asked for in a repository, and there is no git', async () => {
    mkdirSync(folder.join('.git'));
    writeFileSync(folder.join('.git/HEAD'), 'ref: refs/heads/main\n');
    vi.stubEnv('PATH', '/nowhere');
    const why = 'git is not installed';
    const refused = { kind: 'refused', topLevel: folder.path, why, isAdded: false };
    expect(await commitFiles(project, ['MLproject'], true)).toEqual(refused);
  });

  it('is not missed where there is no git', async () => {
    vi.stubEnv('PATH', '/nowhere');
    expect(await commitFiles(project, ['MLproject'], null)).toEqual({ kind: 'none', why: 'git is not installed' });
  });
});
