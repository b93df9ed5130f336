import { z } from 'zod';
import { Augmentor } from '../../components/preprocessor.ts';
import type { Pixels, Sample } from '../../components/sample.ts';
import type { RandomSource } from '../../random.ts';

const parameters = z.strictObject({
  brightness: z.number().min(0).max(1).default(0.1).describe('Pixels are multiplied by a factor within this of 1.'),
});

/**
 * Flips an image and turns it by quarters at random (all eight ways are equally likely) and makes it brighter or darker.
 * Oblong images are not turned by odd quarters.
 */
export class OrientationAugmentor extends Augmentor<z.output<typeof parameters>> {
  static override readonly parameters = parameters;

  /** Draws exactly four numbers. */
  override imagePreprocess(sample: Sample, random: RandomSource): Sample {
    const { height, width, channels, pixels } = sample;
    const flipAcross = random.next() < 0.5;
    const flipDown = random.next() < 0.5;
    const transpose = random.next() < 0.5 && height === width;
    const { brightness } = this.parameters;
    const brightened = brightening(pixels, random.between(1 - brightness, 1 + brightness));
    const result = new (pixels.constructor as new (length: number) => Pixels)(pixels.length);
    let target = 0;
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const row = flipDown ? height - 1 - y : y;
        const column = flipAcross ? width - 1 - x : x;
        const source = (transpose ? column * width + row : row * width + column) * channels;
        for (let channel = 0; channel < channels; channel += 1) {
          result[target++] = brightened(pixels[source + channel] as number);
        }
      }
    }
    return { ...sample, pixels: result };
  }
}

/** The factor on a value, rounded and kept within what the pixels can hold. */
function brightening(pixels: Pixels, factor: number): (value: number) => number {
  if (pixels instanceof Float32Array) return (value) => value * factor;
  if (pixels instanceof Uint16Array) return (value) => Math.min(65_535, Math.round(value * factor));
  // A table: it is many times faster than to round each pixel.
  const table = new Uint8ClampedArray(256);
  for (let value = 0; value < 256; value += 1) table[value] = value * factor;
  return (value) => table[value] as number;
}
