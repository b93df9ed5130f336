import type { Preprocessor } from '../../components/preprocessor.ts';
import type { Image, Sample } from '../../components/sample.ts';
import { resizeImage } from '../../data/resize.ts';

/** Pixels on the longer side of a picture in a sheet: 24 of them stay below a megabyte, whatever they show. */
export const thumbnailSide = 96;

/** A sample as the network sees it: preprocessed, and brought back to bytes; channels beyond three are left out. */
export function asScored(sample: Sample, preprocessor: Preprocessor<object>): Image {
  const { inputs, shape } = preprocessor.batchify([sample]);
  const [height, width, channels] = shape;
  const pixels = preprocessor.toBytes(inputs, sample);
  return { pixels, height, width, channels };
}

/** The image, made smaller where a side is longer than `thumbnailSide`. */
export function thumbnail(image: Image): Image {
  const longer = Math.max(image.height, image.width);
  if (longer <= thumbnailSide) return image;
  const size = (length: number) => Math.max(1, Math.round((length * thumbnailSide) / longer));
  return resizeImage(image, size(image.height), size(image.width));
}
