import { crc32 } from 'node:zlib';
import type { Image } from '../components/sample.ts';

/** CRC-32 of an image's values as they lie in memory. */
export function checksum({ pixels }: Pick<Image, 'pixels'>): number {
  return crc32(new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength));
}
