import type yauzl from 'yauzl';

/** Bytes of a local file header before its name (APPNOTE.TXT, 4.3.7). */
export const localHeaderBytes = 30;

/** Where in the zip the content of an entry begins, by its local file header: the lengths in it are its own. */
export function contentOffset(entry: yauzl.Entry, header: Buffer): number {
  return entry.relativeOffsetOfLocalHeader + localHeaderBytes + header.readUInt16LE(26) + header.readUInt16LE(28);
}
