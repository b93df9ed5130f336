import { UsageError } from '../errors.ts';
import { closest } from '../util/closest.ts';
import { quoteForShell } from '../util/quote-for-shell.ts';

/** What a repository has to offer. */
export interface RemoteVersions {
  /** Name of the default branch; null where it names none that exists. */
  readonly defaultBranch: string | null;
  /** The commit of each branch. */
  readonly branches: ReadonlyMap<string, string>;
  /** The commit of each tag; that which an annotated one stands for. */
  readonly tags: ReadonlyMap<string, string>;
}

/** A version that was found. */
export interface ChosenVersion {
  /** All of its digits; for a commit that was asked for as such, those that were typed. */
  readonly commit: string;
  readonly branch: string | null;
}

const mostNames = 6;
/** As many digits of a commit as git takes for one. */
const commitDigits = /^[0-9a-f]{4,64}$/i;

/** Reads `git ls-remote --symref` (https://git-scm.com/docs/git-ls-remote#_output). */
export function parseRemoteVersions(output: string): RemoteVersions {
  const branches = new Map<string, string>();
  const tags = new Map<string, string>();
  let head: string | null = null;
  let headCommit: string | null = null;
  for (const line of output.split('\n')) {
    const [first = '', name = ''] = line.split('\t');
    if (first.startsWith('ref: refs/heads/') && name === 'HEAD') head = first.slice('ref: refs/heads/'.length);
    else if (name === 'HEAD') headCommit = first;
    else if (name.startsWith('refs/heads/')) branches.set(name.slice('refs/heads/'.length), first);
    // `v1^{}`, which follows v1, is the commit of an annotated tag.
    else if (name.startsWith('refs/tags/')) tags.set(name.slice('refs/tags/'.length).replace(/\^\{\}$/, ''), first);
  }
  // A server over plain HTTP files does not say of which branch HEAD is.
  head ??= [...branches].find(([, commit]) => commit === headCommit)?.[0] ?? null;
  return { defaultBranch: head !== null && branches.has(head) ? head : null, branches, tags };
}

/**
 * The version that was asked for: a branch, else a tag, else a commit; the default branch where none was. A commit is not
 * looked for here. Throws UsageError that names the nearest ones.
 */
export function chooseVersion(versions: RemoteVersions, version: string | null, url: string): ChosenVersion {
  const { branches, tags, defaultBranch } = versions;
  if (branches.size === 0 && tags.size === 0) {
    throw new UsageError(`The repository ${url} has no commit yet.`, { hint: 'Push one: `git push -u origin main`' });
  }
  if (version === null) {
    const commit = defaultBranch === null ? undefined : branches.get(defaultBranch);
    if (commit !== undefined) return { commit, branch: defaultBranch };
    throw new UsageError(`The repository ${url} has no default branch.`, {
      hint: `Name a version: ${optionOf([...branches.keys(), ...tags.keys()][0] ?? 'main')}. ${listOf(versions)}`,
    });
  }
  const branch = version.replace(/^refs\/heads\//, '');
  const ofBranch = branches.get(branch);
  if (ofBranch !== undefined) return { commit: ofBranch, branch };
  const ofTag = tags.get(version.replace(/^refs\/tags\//, ''));
  if (ofTag !== undefined) return { commit: ofTag, branch: null };
  if (commitDigits.test(version)) return { commit: version.toLowerCase(), branch: null };
  throw noVersion(versions, version, url);
}

/** The error for a version that a repository does not have. */
export function noVersion(versions: RemoteVersions, version: string, url: string): UsageError {
  const near = closest(version, [...versions.branches.keys(), ...versions.tags.keys()]);
  const meant = near === undefined ? '' : `Did you mean ${optionOf(near)}? `;
  return new UsageError(`The repository ${url} has no branch, tag or commit ${version}.`, {
    hint: `${meant}${listOf(versions)}`,
  });
}

function optionOf(version: string): string {
  return `\`--version ${quoteForShell(version)}\``;
}

function listOf({ branches, tags }: RemoteVersions): string {
  const list = (what: string, names: readonly string[]): string[] =>
    names.length === 0
      ? []
      : [`${what} ${names.slice(0, mostNames).join(', ')}${names.length > mostNames ? ', …' : ''}`];
  // The newest versions are the last of the tags.
  const parts = [...list('branches', [...branches.keys()]), ...list('tags', [...tags.keys()].reverse())];
  return `It has the ${parts.join(' and the ')}.`;
}
