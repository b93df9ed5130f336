import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { temporaryDirectory } from './temporary-directory.ts';

const fixtures = resolve(import.meta.dirname, '../fixtures/projects');

export interface GitProject extends AsyncDisposable {
  readonly path: string;
  /** 40 hexadecimal digits, or an empty string where nothing is committed. */
  readonly commit: string;
  git(...words: string[]): string;
}

export interface GitProjectOptions {
  /** Replaces SLIPWAY_TEST_BASE in the MLproject. */
  readonly baseImage?: string;
  /** False leaves the repository without a commit. */
  readonly committed?: boolean;
}

/** A copy of a fixture project in a git repository of its own. */
export async function gitProject(fixture: string, options: GitProjectOptions = {}): Promise<GitProject> {
  const folder = await temporaryDirectory();
  const path = join(folder.path, fixture);
  cpSync(join(fixtures, fixture), path, { recursive: true });
  const file = join(path, 'MLproject');
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('SLIPWAY_TEST_BASE', options.baseImage ?? 'debian:12'));
  const git = (...words: string[]): string =>
    execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...words], {
      cwd: path,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  git('init', '--quiet', '--initial-branch=main');
  let commit = '';
  if (options.committed !== false) {
    git('add', '--all');
    git('commit', '--quiet', '--message', 'First');
    commit = git('rev-parse', 'HEAD');
  }
  return { path, commit, git, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}
