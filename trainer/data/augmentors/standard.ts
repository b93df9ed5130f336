import { z } from 'zod';
import { Augmentor } from '../../components/preprocessor.ts';
import { arrayLike, type Pixels, type Sample } from '../../components/sample.ts';
import type { RandomSource } from '../../random.ts';
import { type Placement, resample } from './resample.ts';

const share = (description: string, most = 1) => z.number().min(0).max(most).default(0).describe(description);

const parameters = z.strictObject({
  horizontal_flip: z.boolean().default(false).describe('Whether half of the images are mirrored left to right.'),
  vertical_flip: z.boolean().default(false).describe('Whether half of the images are mirrored top to bottom.'),
  rotation: z.number().min(0).max(180).default(0).describe('Degrees by which an image is turned at most, either way.'),
  zoom: share('Share by which an image is made larger or smaller at most.', 0.9),
  shift: share('Share of its width and height by which an image is moved at most.'),
  brightness: share('Values are multiplied by a factor within this of 1.'),
  contrast: share('Distances from the middle of the range are multiplied by a factor within this of 1.'),
  noise: share('Standard deviation of normal noise, as a share of the range of the pixels.'),
});

type StandardParameters = z.output<typeof parameters>;

/**
 * Mirrors, turns, zooms and moves an image, and changes brightness, contrast and noise of it, each within bounds. What comes
 * in from outside repeats the image's edge. Draws eight numbers, and two for each value where there is noise.
 */
export class StandardAugmentor extends Augmentor<StandardParameters> {
  static override readonly parameters = parameters;

  override imagePreprocess(sample: Sample, random: RandomSource): Sample {
    const placement = drawPlacement(this.parameters, sample, random);
    const tone = drawTone(this.parameters, sample.pixels, random);
    const placed = isInPlace(placement) ? sample.pixels : resample(sample, placement);
    const { noise } = this.parameters;
    const pixels = arrayLike(sample.pixels, placed.length);
    const [low, high] = rangeOf(sample.pixels);
    const isWhole = !(pixels instanceof Float32Array);
    for (let index = 0; index < placed.length; index += 1) {
      const toned = tone(placed[index] as number) + (noise === 0 ? 0 : noise * normal(random) * noiseRange(low, high));
      pixels[index] = Math.min(high, Math.max(low, isWhole ? Math.round(toned) : toned));
    }
    return { ...sample, pixels };
  }
}

function drawPlacement(given: StandardParameters, { height, width }: Sample, random: RandomSource): Placement {
  const isMirrored = random.next() < 0.5 && given.horizontal_flip;
  const isUpsideDown = random.next() < 0.5 && given.vertical_flip;
  const angle = (random.between(-given.rotation, given.rotation) * Math.PI) / 180;
  const scale = random.between(1 - given.zoom, 1 + given.zoom);
  return {
    scaleX: isMirrored ? -scale : scale,
    scaleY: isUpsideDown ? -scale : scale,
    angle,
    moveX: random.between(-given.shift, given.shift) * width,
    moveY: random.between(-given.shift, given.shift) * height,
  };
}

function isInPlace({ scaleX, scaleY, angle, moveX, moveY }: Placement): boolean {
  return scaleX === 1 && scaleY === 1 && angle === 0 && moveX === 0 && moveY === 0;
}

/** What becomes of a value. Numbers that are no pixels have their middle at 0. */
function drawTone(given: StandardParameters, pixels: Pixels, random: RandomSource): (value: number) => number {
  const brightness = random.between(1 - given.brightness, 1 + given.brightness);
  const contrast = random.between(1 - given.contrast, 1 + given.contrast);
  const [low, high] = rangeOf(pixels);
  const middle = Number.isFinite(high) ? (low + high) / 2 : 0;
  return (value) => ((value - middle) * contrast + middle) * brightness;
}

function rangeOf(pixels: Pixels): readonly [low: number, high: number] {
  if (pixels instanceof Float32Array) return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  return [0, pixels instanceof Uint16Array ? 65_535 : 255];
}

function noiseRange(low: number, high: number): number {
  return Number.isFinite(high) ? high - low : 1;
}

/** A normal number (Box and Muller 1958). */
function normal(random: RandomSource): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}
