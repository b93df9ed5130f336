import type { Image } from '../components/sample.ts';
import { decodeJpeg, isJpeg } from './jpeg.ts';
import { decodePng, isPng } from './png.ts';

/** Names of files that hold images. */
export const imageFileName = /\.(png|jpe?g)$/i;

/**
 * Decodes a PNG or a JPEG, told apart by their first bytes, whatever the file is called.
 * Throws an Error whose message completes the sentence "<file> …".
 */
export function decodeImage(bytes: Buffer): Image {
  if (bytes.length === 0) throw new Error('is empty');
  if (isJpeg(bytes)) return decodeJpeg(bytes);
  if (!isPng(bytes)) throw new Error('is neither a PNG nor a JPEG');
  return decodePng(bytes);
}
