import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type GitOutput, git, isGitMissing } from '../source/git.ts';
import { findTopLevel } from '../source/repository.ts';
import { currentUser } from '../util/current-user.ts';

/** How a new project stands to git. */
export type Versioning =
  /** It is committed: to a repository of its own, or to the one around it. */
  | {
      readonly kind: 'committed';
      readonly commit: string;
      /** Top folder of the repository. */
      readonly topLevel: string;
      readonly isNew: boolean;
      /** Who git says it was, where git knows no name of the person; else null. */
      readonly author: string | null;
    }
  /** It lies in a repository, in which nothing was done. */
  | { readonly kind: 'uncommitted'; readonly topLevel: string }
  /** It lies in a repository that was to take a commit and did not. */
  | {
      readonly kind: 'refused';
      readonly topLevel: string;
      /** Why, in git's own words. */
      readonly why: string;
      /** Whether its files stand among what the next commit takes. */
      readonly isAdded: boolean;
    }
  /** It is in no repository, and why: a clause. */
  | { readonly kind: 'none'; readonly why: string };

const message = 'Train with the trainer of Slipway';

/**
 * Commits a new project's files, so that its runs have a commit to be known by. A repository is made where there is
 * none; in one that is there, nothing is committed unless it was asked for (`wanted` true).
 */
export async function commitFiles(
  directory: string,
  names: readonly string[],
  wanted: boolean | null,
): Promise<Versioning> {
  const around = await findTopLevel(directory);
  if (around !== null && wanted !== true) return { kind: 'uncommitted', topLevel: around };
  if (wanted === false) return { kind: 'none', why: 'none was wanted' };
  try {
    if (around !== null) return await commit(directory, names, { topLevel: around, isNew: false });
    const made = await git(['init', '--quiet'], { directory });
    if (made.exitCode !== 0) return { kind: 'none', why: gitsWords('init', made) };
    const result = await commit(directory, names, { topLevel: directory, isNew: true });
    if (result.kind === 'committed') return result;
    // A repository without a commit is worse than none: a run would ask for one.
    await rm(join(directory, '.git'), { recursive: true, force: true });
    return { kind: 'none', why: result.why };
  } catch (error) {
    if (!isGitMissing(error)) throw error;
    const why = 'git is not installed';
    return around === null ? { kind: 'none', why } : { kind: 'refused', topLevel: around, why, isAdded: false };
  }
}

async function commit(
  directory: string,
  names: readonly string[],
  repository: { readonly topLevel: string; readonly isNew: boolean },
): Promise<Extract<Versioning, { kind: 'committed' | 'refused' }>> {
  const { topLevel } = repository;
  const author = await authorWhereUnknown(directory);
  const identity = author === null ? [] : ['-c', `user.name=${author.name}`, '-c', `user.email=${author.email}`];
  const added = await git(['add', '--', ...names], { directory });
  if (added.exitCode !== 0) return { kind: 'refused', topLevel, why: gitsWords('add', added), isAdded: false };
  // These files alone, whatever else has been added.
  const words = [...identity, 'commit', '--quiet', '--message', message, '--only', '--', ...names];
  const done = await git(words, { directory });
  if (done.exitCode !== 0) return { kind: 'refused', topLevel, why: gitsWords('commit', done), isAdded: true };
  const head = await git(['rev-parse', 'HEAD'], { directory });
  return { kind: 'committed', commit: head.stdout.trim(), ...repository, author: author?.name ?? null };
}

/** The person as this machine knows them, where git does not know them: as git itself would call them. */
async function authorWhereUnknown(directory: string): Promise<{ name: string; email: string } | null> {
  const known = await git(['var', 'GIT_COMMITTER_IDENT'], { directory });
  if (known.exitCode === 0) return null;
  const { name } = currentUser();
  return { name, email: `${name}@${hostname()}` };
}

/** A hook may say much; what it says first and last tells most. */
const longestWords = 500;

/** What git, or a hook of it, said, in one line. */
function gitsWords(command: string, { exitCode, stderr, stdout }: GitOutput): string {
  const said = `${stderr}\n${stdout}`.trim().replace(/\s*\n\s*/g, ' ');
  if (said === '')
    return `\`git ${command}\` ended with exit code ${exitCode} and said nothing, as where a hook refuses`;
  const half = longestWords / 2;
  return said.length <= longestWords ? said : `${said.slice(0, half)} … ${said.slice(-half)}`;
}
