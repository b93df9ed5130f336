import type { Readable } from 'node:stream';
import type { HttpReply } from '../http/index.ts';
import type { OpenedArtifact, OpenOptions } from './backend.ts';

/** Asks for the rest of a file, provided that it is still the same version. */
export function rangeHeaders({ offset = 0, etag }: OpenOptions): Record<string, string> {
  if (offset === 0 || !etag) return {};
  return { range: `bytes=${offset}-`, 'if-range': etag };
}

/** What a reply to a GET, with or without a range, carries. */
export function openedArtifact(reply: HttpReply<Readable>): OpenedArtifact {
  const { headers, status, body } = reply;
  // A weak ETag does not promise equal bytes.
  const etag = headers.etag !== undefined && !headers.etag.startsWith('W/') ? headers.etag : null;
  const range = status === 206 ? /^bytes (\d+)-\d+\/(\d+)$/.exec(headers['content-range'] ?? '') : null;
  if (range !== null) return { stream: body, offset: Number(range[1]), totalBytes: Number(range[2]), etag };
  const length = headers['content-encoding'] === undefined ? headers['content-length'] : undefined;
  return { stream: body, offset: 0, totalBytes: length === undefined ? null : Number(length), etag };
}
