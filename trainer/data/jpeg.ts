import { createRequire } from 'node:module';
import type { Image } from '../components/sample.ts';

/** Markers that open a frame header; the three that are left out are tables (ITU-T T.81, table B.1). */
const isFrameMarker = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

type Decode = (bytes: Uint8Array) => { data: Uint8ClampedArray; width: number; height: number };

let decoder: Decode | null = null;

/** Compiled when the first JPEG is met: most programs that load this file meet none. */
function loadDecoder(): Decode {
  const require = createRequire(import.meta.url);
  decoder ??= (require('@cwasm/jpeg-turbo') as { decode: Decode }).decode;
  return decoder;
}

/** Whether the bytes begin as a JPEG does. */
export function isJpeg(bytes: Buffer): boolean {
  return bytes.length >= 3 && bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

/**
 * Decodes a JPEG, baseline or progressive, to the values that libjpeg gives: grey files give 1 channel, others 3.
 * Throws an Error whose message completes the sentence "<file> …".
 */
export function decodeJpeg(bytes: Buffer): Image {
  const components = componentsOf(bytes);
  if (components !== 1 && components !== 3) throw new Error('is a JPEG of CMYK colours; expected grey or RGB');
  const decode = loadDecoder();
  let decoded: ReturnType<Decode>;
  try {
    decoded = decode(bytes);
  } catch (error) {
    throw new Error('is a broken JPEG', { cause: error });
  }
  const { data, width, height } = decoded;
  const pixels = new Uint8Array(width * height * components);
  for (let source = 0, target = 0; target < pixels.length; source += 4) {
    for (let channel = 0; channel < components; channel += 1) pixels[target++] = data[source + channel] as number;
  }
  return { pixels, width, height, channels: components };
}

/** The number of colour components in the frame header. */
function componentsOf(bytes: Buffer): number {
  let offset = 2;
  while (offset + 10 <= bytes.length && bytes[offset] === 0xff) {
    const marker = bytes[offset + 1] as number;
    if (isFrameMarker(marker)) return bytes[offset + 9] as number;
    // Any number of 0xff may stand before a marker.
    offset += marker === 0xff ? 1 : 2 + bytes.readUInt16BE(offset + 2);
  }
  throw new Error('is a broken JPEG');
}
