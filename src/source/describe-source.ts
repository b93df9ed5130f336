import { realpath } from 'node:fs/promises';
import { UsageError } from '../errors.ts';
import { quoteForShell } from '../util/quote-for-shell.ts';
import { type GitOutput, git, gitError, isGitMissing } from './git.ts';
import { findTopLevel, withoutUserInfo } from './repository.ts';

/** Which code a folder holds, as far as git knows. */
export interface Source {
  /** 40 hexadecimal digits (64 in a SHA-256 repository); null where the folder is not under version control. */
  readonly commit: string | null;
  /** Null on a detached HEAD. */
  readonly branch: string | null;
  /** Of the branch's remote, else of `origin`; without user info. */
  readonly repositoryUrl: string | null;
  /** Whether the folder differs from the commit: changed, new and missing files that git does not ignore. */
  readonly dirty: boolean;
  /** How many files differ. */
  readonly changedFiles: number;
  /** Absolute folder of the working tree. */
  readonly topLevel: string | null;
  /** Why there is no commit: a sentence for a warning. Null where there is one. */
  readonly unversioned: string | null;
}

/**
 * Asks git about a folder; two processes at once, three where it is not the repository's top.
 * @throws UsageError in a repository without a commit, and where git refuses because someone else owns it.
 */
export async function describeSource(
  directory: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Source> {
  const topLevel = await findTopLevel(directory);
  if (topLevel === null) return unversioned(`${directory} is in no git repository.`);
  const gitOptions = { directory, ...options };
  const statusArguments = ['status', '--porcelain=v2', '--branch', '-z', '--untracked-files=all', '--', '.'];
  let answers: [GitOutput, GitOutput, boolean];
  try {
    answers = await Promise.all([
      git(statusArguments, gitOptions),
      git(['ls-remote', '--get-url'], gitOptions),
      isIgnored(directory, topLevel, options),
    ]);
  } catch (error) {
    if (isGitMissing(error)) return unversioned('git is not installed, or not in the PATH.');
    throw error;
  }

  const [status, remote, ignored] = answers;
  if (status.exitCode !== 0) throw statusError(status.stderr, topLevel, statusArguments);
  // A commit that does not contain the folder would be a false record.
  if (ignored) return unversioned(`${directory} is ignored by the git repository ${topLevel}.`);
  const { commit, branch, changedFiles } = parseStatus(status.stdout);
  if (commit === null) {
    throw new UsageError(`The git repository ${topLevel} has no commit yet.`, {
      hint: 'Make one, so that the run can name the code it ran: `git add . && git commit -m "First version"`',
    });
  }
  const url = remote.exitCode === 0 ? remote.stdout.trim() : '';
  const repositoryUrl = url === '' ? null : withoutUserInfo(url);
  return { commit, branch, repositoryUrl, dirty: changedFiles > 0, changedFiles, topLevel, unversioned: null };
}

/** Reads `git status --porcelain=v2 --branch -z` (https://git-scm.com/docs/git-status#_porcelain_format_version_2). */
export function parseStatus(output: string): { commit: string | null; branch: string | null; changedFiles: number } {
  let commit: string | null = null;
  let branch: string | null = null;
  let changedFiles = 0;
  const entries = output.split('\0');
  for (let index = 0; index < entries.length; index += 1) {
    const entry = entries[index]!;
    if (entry.startsWith('# branch.oid ')) commit = entry.slice('# branch.oid '.length);
    else if (entry.startsWith('# branch.head ')) branch = entry.slice('# branch.head '.length);
    else if (/^[12u?] /.test(entry)) changedFiles += 1;
    // The old path of a rename is an entry of its own.
    if (entry.startsWith('2 ')) index += 1;
  }
  return {
    commit: commit === '(initial)' ? null : commit,
    branch: branch === '(detached)' ? null : branch,
    changedFiles,
  };
}

async function isIgnored(
  directory: string,
  topLevel: string,
  options: { readonly signal?: AbortSignal },
): Promise<boolean> {
  const real = await realpath(directory);
  if (real === topLevel) return false;
  return (await git(['check-ignore', '--quiet', '--', real], { directory: topLevel, ...options })).exitCode === 0;
}

function statusError(stderr: string, topLevel: string, statusArguments: readonly string[]): Error {
  // git exits with 128 for every failure; the name of the setting is the one part of its text that is never translated.
  if (!stderr.includes('safe.directory')) return gitError(statusArguments, stderr);
  return new UsageError(`git does not read the repository ${topLevel}, because another user owns it.`, {
    hint: `If you trust it: \`git config --global --add safe.directory ${quoteForShell(topLevel)}\``,
  });
}

function unversioned(why: string): Source {
  return {
    commit: null,
    branch: null,
    repositoryUrl: null,
    dirty: false,
    changedFiles: 0,
    topLevel: null,
    unversioned: why,
  };
}
