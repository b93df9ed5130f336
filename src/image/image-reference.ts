import { UsageError } from '../errors.ts';

/** What an image's name is made of. */
export interface ImageReferenceParts {
  /** The repository: the project's name, as an image may be called. */
  readonly repository: string;
  /** Null outside git. */
  readonly commit: string | null;
  /** Digest of the tree where it differs from the commit, or there is none. */
  readonly treeHash: string | null;
  readonly flavor: 'cpu' | 'gpu';
}

/**
 * The image of a piece of code: `<repository>:<first 12 of the commit>`, `-dirty-<tree hash>` for a changed tree,
 * `nogit-<tree hash>` outside git, `-gpu` for the GPU flavor.
 */
export function imageReference(parts: ImageReferenceParts): string {
  const { repository, commit, treeHash } = parts;
  if (commit === null && treeHash === null) {
    throw new UsageError('An image needs a commit or a digest of its files to be named after.');
  }
  const tree = treeHash === null ? '' : treeHash.slice(0, 12);
  const code = commit === null ? `nogit-${tree}` : `${commit.slice(0, 12)}${tree === '' ? '' : `-dirty-${tree}`}`;
  return `${repository}:${code}${parts.flavor === 'gpu' ? '-gpu' : ''}`;
}
