import { PNG } from 'pngjs';
import type { Image } from '../components/sample.ts';

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Offset of the colour type in the header chunk, which is always the first (PNG specification, 11.2.1). */
const colorTypeOffset = 25;
const bitDepthOffset = 24;
const greyColorTypes = [0, 4];

/** Whether the bytes begin as a PNG does. */
export function isPng(bytes: Buffer): boolean {
  return bytes.subarray(0, 8).equals(signature);
}

/**
 * Decodes a PNG: grey files give 1 channel, all others 3; transparency is dropped. Files of 16 bits a value give 16 bits,
 * all others 8.
 * Throws an Error whose message completes the sentence "<file> …".
 */
export function decodePng(bytes: Buffer): Image {
  if (bytes.length === 0) throw new Error('is empty');
  if (!isPng(bytes)) throw new Error('is not a PNG');
  const isDeep = bytes[bitDepthOffset] === 16;
  let decoded: { data: Uint8Array | Uint16Array; width: number; height: number };
  try {
    // Brings 1, 2 and 4 bits to 8, as they should be, and 16 to 8 where it isn't told not to.
    decoded = PNG.sync.read(bytes, { skipRescale: isDeep });
  } catch (error) {
    throw new Error('is a broken PNG', { cause: error });
  }
  const { data, width, height } = decoded;
  const channels = greyColorTypes.includes(bytes[colorTypeOffset] ?? 0) ? 1 : 3;
  const pixels = new (isDeep ? Uint16Array : Uint8Array)(width * height * channels);
  for (let source = 0, target = 0; source < data.length; source += 4) {
    for (let channel = 0; channel < channels; channel += 1) pixels[target++] = data[source + channel] as number;
  }
  return { pixels, width, height, channels };
}
