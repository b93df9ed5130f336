/** CRC-32C (Castagnoli, RFC 3720, appendix B.4) by eight tables in a row, so that eight bytes are taken at a time. */
const table = makeTable();

function makeTable(): Uint32Array {
  const made = new Uint32Array(8 * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let value = byte;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
    made[byte] = value;
  }
  for (let place = 256; place < made.length; place += 1) {
    const before = made[place - 256] as number;
    made[place] = (before >>> 8) ^ (made[before & 0xff] as number);
  }
  return made;
}

const at = (row: number, byte: number): number => table[(row << 8) | (byte & 0xff)] as number;

/** The CRC-32C of bytes. */
export function crc32c(bytes: Buffer): number {
  let crc = 0xffffffff;
  let place = 0;
  for (; place + 8 <= bytes.length; place += 8) {
    const low = crc ^ bytes.readInt32LE(place);
    const high = bytes.readInt32LE(place + 4);
    crc =
      at(7, low) ^
      at(6, low >>> 8) ^
      at(5, low >>> 16) ^
      at(4, low >>> 24) ^
      at(3, high) ^
      at(2, high >>> 8) ^
      at(1, high >>> 16) ^
      at(0, high >>> 24);
  }
  for (; place < bytes.length; place += 1) crc = (crc >>> 8) ^ at(0, crc ^ (bytes[place] as number));
  return ~crc >>> 0;
}

/** As TFRecord files store it: rotated and shifted, so that a checksum of checksums is none (tensorflow, `crc32c::Mask`). */
export function maskedCrc32c(bytes: Buffer): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
