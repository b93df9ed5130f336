import { distance } from 'fastest-levenshtein';

/** Shorter beginnings fit too many names. */
const shortestBeginning = 4;

/**
 * The candidate a misspelt name was most likely meant to be, or undefined where none is near: of those that begin with
 * it the first, because it was given up too early; else the one with the fewest letters to change.
 */
export function closest(name: string, candidates: readonly string[]): string | undefined {
  const wanted = name.toLowerCase().replaceAll('-', '_');
  const begun = candidates.find((candidate) => candidate.toLowerCase().replaceAll('-', '_').startsWith(wanted));
  if (begun !== undefined && wanted.length >= shortestBeginning) return begun;
  let best: { candidate: string; edits: number } | undefined;
  for (const candidate of candidates) {
    const compared = candidate.toLowerCase().replaceAll('-', '_');
    // Swapped letters are the commonest slip, and count as two edits.
    const edits =
      sorted(wanted) === sorted(compared) ? Math.min(1, distance(wanted, compared)) : distance(wanted, compared);
    if (best === undefined || edits < best.edits) best = { candidate, edits };
  }
  if (best === undefined) return undefined;
  // A third of the letters may differ: fewer misses typing errors, more suggests nonsense.
  return best.edits <= Math.max(1, Math.floor(Math.max(name.length, best.candidate.length) / 3))
    ? best.candidate
    : undefined;
}

function sorted(word: string): string {
  return [...word].sort().join('');
}

/** `; did you mean epochs?`, or an empty string: to be put after a statement about an unknown name. */
export function didYouMean(name: string, candidates: readonly string[]): string {
  const candidate = closest(name, candidates);
  return candidate === undefined ? '' : `; did you mean ${candidate}?`;
}
