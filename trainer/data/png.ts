import { PNG } from 'pngjs';
import type { Image } from './sample.ts';

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Offset of the colour type in the header chunk, which is always the first (PNG specification, 11.2.1). */
const colorTypeOffset = 25;
const greyColorTypes = [0, 4];

/**
 * Decodes a PNG: grey files give 1 channel, all others 3; transparency is dropped.
 * Throws an Error whose message completes the sentence "<file> …".
 */
export function decodePng(bytes: Buffer): Image {
  if (bytes.length === 0) throw new Error('is empty');
  if (!bytes.subarray(0, 8).equals(signature)) throw new Error('is not a PNG');
  let decoded: { data: Buffer; width: number; height: number };
  try {
    decoded = PNG.sync.read(bytes);
  } catch (error) {
    throw new Error('is a broken PNG', { cause: error });
  }
  const { data, width, height } = decoded;
  const channels = greyColorTypes.includes(bytes[colorTypeOffset] ?? 0) ? 1 : 3;
  const pixels = new Uint8Array(width * height * channels);
  for (let source = 0, target = 0; source < data.length; source += 4) {
    for (let channel = 0; channel < channels; channel += 1) pixels[target++] = data[source + channel] as number;
  }
  return { pixels, width, height, channels };
}

/** The image with 3 equal channels where it has 1. */
export function toColor(image: Image): Image {
  if (image.channels === 3) return image;
  const pixels = new Uint8Array(image.pixels.length * 3);
  image.pixels.forEach((value, index) => {
    pixels.fill(value, index * 3, index * 3 + 3);
  });
  return { ...image, channels: 3, pixels };
}
