import { maskedCrc32c } from './crc32c.ts';
import type { RandomAccess } from './spool.ts';

/** Where a record's data lies in its file. */
export interface RecordPlace {
  readonly offset: number;
  readonly length: number;
}

/** Length and its checksum before the data, and the checksum of the data behind it (tensorflow, `record_writer.h`). */
const headerBytes = 12;
const footerBytes = 4;
/** Read at a time: records are small. */
const windowBytes = 1024 * 1024;

/**
 * Every record of a TFRecord file with its data, one after another, all checksums verified.
 * Throws an Error whose message completes the sentence "Record 7 of <file> …", with the number before it.
 */
export async function* records(file: RandomAccess): AsyncGenerator<RecordPlace & { readonly data: Buffer }> {
  let window: Buffer = Buffer.alloc(0);
  let windowStart = 0;
  const take = async (offset: number, length: number): Promise<Buffer> => {
    if (offset + length > file.size) throw new Error('is cut off: the file ends before it does');
    if (offset < windowStart || offset + length > windowStart + window.length) {
      window = await file.read(offset, Math.min(Math.max(length, windowBytes), file.size - offset));
      windowStart = offset;
    }
    return window.subarray(offset - windowStart, offset - windowStart + length);
  };
  let offset = 0;
  while (offset < file.size) {
    const header = await take(offset, headerBytes);
    if (maskedCrc32c(header.subarray(0, 8)) !== header.readUInt32LE(8)) {
      throw new Error('has a wrong checksum of its length');
    }
    const place = { offset: offset + headerBytes, length: Number(header.readBigUInt64LE(0)) };
    const data = checked(await take(place.offset, place.length + footerBytes));
    yield { ...place, data };
    offset = place.offset + place.length + footerBytes;
  }
}

/** The data of one record. Throws as `records` does. */
export async function readRecord(file: RandomAccess, { offset, length }: RecordPlace): Promise<Buffer> {
  return checked(await file.read(offset, length + footerBytes));
}

function checked(bytes: Buffer): Buffer {
  const data = bytes.subarray(0, -footerBytes);
  if (maskedCrc32c(data) !== bytes.readUInt32LE(data.length)) throw new Error('has a wrong checksum');
  return data;
}
