import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { git, gitError } from '../source/git.ts';

/** What git says of a folder's files; paths are relative to it. */
export interface GitTree {
  /** Path to the id of the blob in the index. */
  readonly tracked: ReadonlyMap<string, string>;
  /** Folders that are repositories of their own (submodules). */
  readonly submodules: readonly string[];
  /** New files that git does not ignore. */
  readonly untracked: readonly string[];
  /** Paths whose content differs from the commit or the index, new ones included. */
  readonly changed: ReadonlySet<string>;
}

/** Reads what git has of a folder, three commands at once. Null where it is in no repository. */
export async function readGitTree(directory: string, signal?: AbortSignal): Promise<GitTree | null> {
  const run = (gitArguments: string[]) => git(gitArguments, { directory, ...(signal === undefined ? {} : { signal }) });
  const statusArguments = ['status', '--porcelain=v1', '-z', '--untracked-files=all', '--no-renames', '--', '.'];
  const stagedArguments = ['ls-files', '-z', '--stage'];
  const othersArguments = ['ls-files', '-z', '--others', '--exclude-standard'];
  const [prefix, status, staged, others] = await Promise.all([
    run(['rev-parse', '--show-prefix']),
    run(statusArguments),
    run(stagedArguments),
    run(othersArguments),
  ]);
  if (prefix.exitCode !== 0) return null;
  for (const [output, gitArguments] of [
    [status, statusArguments],
    [staged, stagedArguments],
    [others, othersArguments],
  ] as const) {
    if (output.exitCode !== 0) throw gitError(gitArguments, output.stderr);
  }
  const tracked = new Map<string, string>();
  const submodules: string[] = [];
  for (const entry of fields(staged.stdout)) {
    // `<mode> <blob> <stage>\t<path>`; mode 160000 is a commit of another repository.
    const match = /^(\d+) ([0-9a-f]+) \d\t([\s\S]+)$/.exec(entry);
    if (match?.[3] === undefined) continue;
    if (match[1] === '160000') submodules.push(match[3]);
    else tracked.set(match[3], match[2] ?? '');
  }
  // `git status` names paths from the repository's top, `git ls-files` from the folder.
  const top = prefix.stdout.replace(/\n$/, '');
  const changed = fields(status.stdout).map((entry) => entry.slice(3 + top.length));
  return { tracked, submodules, untracked: fields(others.stdout), changed: new Set(changed) };
}

/** The id git would give a file's content: SHA-1 of `blob <size>\0<content>`; a link's content is its target. */
export async function blobId(directory: string, path: string, sizeBytes: number, isLink: boolean): Promise<string> {
  const file = join(directory, path);
  const hash = createHash('sha1');
  if (isLink) {
    const target = await readlink(file, { encoding: 'buffer' });
    return hash.update(`blob ${target.length}\0`).update(target).digest('hex');
  }
  hash.update(`blob ${sizeBytes}\0`);
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

function fields(output: string): string[] {
  return output.split('\0').filter((field) => field !== '');
}
