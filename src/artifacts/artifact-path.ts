import { UsageError } from '../errors.ts';

/** The segments of an artifact path; a path that a server would refuse or store under another name is a UsageError. */
export function artifactSegments(artifactPath: string): string[] {
  if (artifactPath === '') return [];
  const segments = artifactPath.split('/');
  for (const segment of segments) {
    const problem = segmentProblem(segment);
    if (problem !== null) throw new UsageError(`The artifact path ${JSON.stringify(artifactPath)} ${problem}.`);
  }
  return segments;
}

/** As `artifactSegments`, for the path of a file: it must have a name. */
export function fileSegments(artifactPath: string): string[] {
  const segments = artifactSegments(artifactPath);
  if (segments.length === 0) throw new UsageError('The artifact path of the file is empty.');
  return segments;
}

/** The segments for use in an address. */
export function encodeSegments(segments: readonly string[]): string {
  return segments.map(encodeURIComponent).join('/');
}

function segmentProblem(segment: string): string | null {
  if (segment === '') return 'has an empty part (a leading, trailing or double "/")';
  if (segment === '.' || segment === '..') return 'has "." or ".." as a part, which the server refuses';
  if (segment.includes('%')) return 'has a "%", which the server decodes once more and so stores another name';
  if (segment.includes('#')) return 'has a "#", which the server refuses';
  if (segment.includes('\\')) return 'has a "\\", which the server refuses';
  if (/[\p{Cc}]/u.test(segment)) return 'has a line end or another control character, which the server cannot store';
  if (/\p{Surrogate}/u.test(segment)) return 'is not valid text';
  if (Buffer.byteLength(segment) > 255) return 'has a part of more than 255 bytes, which no file system stores';
  return null;
}
