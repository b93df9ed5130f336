import { maskedCrc32c } from '../data/sources/crc32c.ts';

const headerBytes = 12;
const footerBytes = 4;

/**
 * A record as TFRecord files hold it: its length as 64 bits, their checksum, the bytes, their checksum; all little-endian
 * (https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details).
 */
export function framedRecord(bytes: Uint8Array): Buffer {
  const framed = Buffer.alloc(headerBytes + bytes.length + footerBytes);
  framed.writeBigUInt64LE(BigInt(bytes.length), 0);
  framed.writeUInt32LE(maskedCrc32c(framed.subarray(0, 8)), 8);
  framed.set(bytes, headerBytes);
  framed.writeUInt32LE(
    maskedCrc32c(framed.subarray(headerBytes, headerBytes + bytes.length)),
    headerBytes + bytes.length,
  );
  return framed;
}
