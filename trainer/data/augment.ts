import type { RandomSource } from '../random.ts';
import type { Sample } from './sample.ts';

/** Brightness is multiplied by a factor within this of 1. */
const brightnessRange = 0.1;

/**
 * The sample flipped and turned by quarters at random (all eight ways are equally likely) and made brighter or darker
 * by up to 10 %. Pure: draws exactly four numbers from `random`. Oblong images are not turned by odd quarters.
 */
export function augmentSample(sample: Sample, random: RandomSource): Sample {
  const { height, width, channels, pixels } = sample;
  const flipAcross = random.next() < 0.5;
  const flipDown = random.next() < 0.5;
  const transpose = random.next() < 0.5 && height === width;
  const factor = random.between(1 - brightnessRange, 1 + brightnessRange);
  const brightened = new Uint8ClampedArray(256);
  for (let value = 0; value < 256; value += 1) brightened[value] = value * factor;
  const result = new Uint8Array(pixels.length);
  let target = 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const row = flipDown ? height - 1 - y : y;
      const column = flipAcross ? width - 1 - x : x;
      const source = (transpose ? column * width + row : row * width + column) * channels;
      for (let channel = 0; channel < channels; channel += 1) {
        result[target++] = brightened[pixels[source + channel] as number] as number;
      }
    }
  }
  return { ...sample, pixels: result };
}
