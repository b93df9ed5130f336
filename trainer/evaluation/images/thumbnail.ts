import { makeBatch, preprocessing } from '../../data/batches.ts';
import { resizeImage } from '../../data/resize.ts';
import type { Image, Sample } from '../../data/sample.ts';

/** Pixels on the longer side of a picture in a sheet: 24 of them stay below a megabyte, whatever they show. */
export const thumbnailSide = 96;

/** What the network gets for a pixel, brought back to bytes. */
export function displayed(pixels: Float32Array, shape: Pick<Image, 'height' | 'width' | 'channels'>): Image {
  const { scale, offset } = preprocessing;
  // A typed array of this kind rounds and clamps. Filled in a loop: `from` takes thirty times as long.
  const bytes = new Uint8ClampedArray(pixels.length);
  for (let index = 0; index < pixels.length; index += 1) bytes[index] = ((pixels[index] as number) - offset) / scale;
  return { height: shape.height, width: shape.width, channels: shape.channels, pixels: new Uint8Array(bytes.buffer) };
}

/** A sample as the network sees it when it is scored: preprocessed, not changed at random. */
export function asScored(sample: Sample): Image {
  return displayed(makeBatch([sample]).pixels, sample);
}

/** The image, made smaller where a side is longer than `thumbnailSide`. */
export function thumbnail(image: Image): Image {
  const longer = Math.max(image.height, image.width);
  if (longer <= thumbnailSide) return image;
  const size = (length: number) => Math.max(1, Math.round((length * thumbnailSide) / longer));
  return resizeImage(image, size(image.height), size(image.width));
}
