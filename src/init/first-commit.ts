import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { git, isGitMissing } from '../source/git.ts';
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
  if (around !== null) {
    if (wanted !== true) return { kind: 'uncommitted', topLevel: around };
    return commit(directory, names, { topLevel: around, isNew: false });
  }
  if (wanted === false) return { kind: 'none', why: 'none was wanted' };
  try {
    const made = await git(['init', '--quiet'], { directory });
    if (made.exitCode !== 0) return { kind: 'none', why: oneLine(made.stderr) };
    const result = await commit(directory, names, { topLevel: directory, isNew: true });
    // A repository without a commit is worse than none: a run would ask for one.
    if (result.kind === 'none') await rm(join(directory, '.git'), { recursive: true, force: true });
    return result;
  } catch (error) {
    if (isGitMissing(error)) return { kind: 'none', why: 'git is not installed' };
    throw error;
  }
}

async function commit(
  directory: string,
  names: readonly string[],
  repository: { readonly topLevel: string; readonly isNew: boolean },
): Promise<Versioning> {
  const author = await authorWhereUnknown(directory);
  const identity = author === null ? [] : ['-c', `user.name=${author.name}`, '-c', `user.email=${author.email}`];
  for (const words of [
    ['add', '--', ...names],
    // These files alone, whatever else has been added.
    [...identity, 'commit', '--quiet', '--message', message, '--only', '--', ...names],
  ]) {
    const done = await git(words, { directory });
    if (done.exitCode !== 0) return { kind: 'none', why: oneLine(done.stderr) };
  }
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

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, ' ') || 'git failed and said nothing';
}
