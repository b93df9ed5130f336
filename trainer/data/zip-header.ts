import type yauzl from 'yauzl';
import { errorMessage, UsageError } from '../../src/errors.ts';

/** Bytes of a local file header before its name (APPNOTE.TXT, 4.3.7). */
export const localHeaderBytes = 30;

/** Where in the zip the content of an entry begins, by its local file header: the lengths in it are its own. */
export function contentOffset(entry: yauzl.Entry, header: Buffer): number {
  return entry.relativeOffsetOfLocalHeader + localHeaderBytes + header.readUInt16LE(26) + header.readUInt16LE(28);
}

/** The error of a file that cannot be opened as a zip. */
export function noZip(file: string, error: unknown): UsageError {
  const reason = errorMessage(error);
  // The directory of a zip is its end: what yauzl says of it is two sentences.
  const said = /^End of central directory record/.test(reason) ? 'it is none, or it is cut off' : reason;
  return new UsageError(`The data file ${file} is not a readable zip: ${said.replace(/\.$/, '')}.`, { cause: error });
}
