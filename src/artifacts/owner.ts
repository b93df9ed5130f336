/** Whose artifacts a root holds: the server's own routes ask for it. */
export type ArtifactOwner =
  | { readonly kind: 'run'; readonly id: string }
  | { readonly kind: 'model'; readonly id: string };

/** The owner as a root's path names it: `…/<run id>/artifacts` or `…/models/<model id>/artifacts`; null where it does not. */
export function ownerOf(artifactUri: string, runId?: string): ArtifactOwner | null {
  if (runId !== undefined) return { kind: 'run', id: runId };
  const id = /\/([^/]+)\/artifacts\/?$/.exec(artifactUri)?.[1];
  if (id === undefined) return null;
  if (/^m-[0-9a-f]{32}$/.test(id)) return { kind: 'model', id };
  return /^[0-9a-f]{32}$/.test(id) ? { kind: 'run', id } : null;
}
