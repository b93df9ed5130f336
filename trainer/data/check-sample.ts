import { UsageError } from '../../src/errors.ts';
import type { DataLoader } from '../components/data-loader.ts';
import type { Image, Sample } from '../components/sample.ts';

/**
 * What a loader gave as a sample, before anything is made of it.
 * Throws UsageError that names the loader and the sample: for pixels that are no image's, an id that is none, a label that
 * is no class's (of no classes: no number), and a weight that is none.
 */
export function checkSample(sample: Sample, loader: Pick<DataLoader<object>, 'nameOf' | 'classNames'>): void {
  const { id, label, weight } = sample;
  if (typeof id !== 'string' || id === '') {
    throw new UsageError(
      `A sample of ${loader.constructor.name} has the id ${JSON.stringify(id)}: expected a text that tells it apart.`,
    );
  }
  // Asked for only where something is wrong: a loader may look through all of its samples for it.
  const whose = (): string => loader.nameOf(id);
  const classes = loader.classNames.length;
  checkImage(sample, whose);
  if (classes === 0 ? !Number.isFinite(label) : !Number.isInteger(label) || label < 0 || label >= classes) {
    const expected = classes === 0 ? 'a number is expected' : `there are ${classes} classes, from 0`;
    throw new UsageError(`${whose()} has the label ${label}, but ${expected}.`);
  }
  if (!Number.isFinite(weight) || weight < 0) {
    throw new UsageError(`${whose()} has the weight ${weight}; expected 0 or more.`);
  }
}

/** The image of a sample; what `whose` gives begins the sentence. Throws UsageError for what has no shape, too few or too many pixels, and no finite numbers. */
export function checkImage(image: Image, whose: () => string): void {
  const { pixels, height, width, channels } = image ?? {};
  if (![height, width, channels].every((side) => Number.isInteger(side) && side > 0)) {
    throw new UsageError(
      `${whose()} has height ${height}, width ${width} and channels ${channels}: expected whole numbers from 1.`,
    );
  }
  if (!(pixels instanceof Uint8Array || pixels instanceof Uint16Array || pixels instanceof Float32Array)) {
    throw new UsageError(`${whose()} has no pixels: expected a Uint8Array, a Uint16Array or a Float32Array.`);
  }
  const expected = height * width * channels;
  if (pixels.length !== expected) {
    throw new UsageError(
      `${whose()} has ${pixels.length} pixel values, but ${width}x${height} pixels with ${channels} channels are ${expected}.`,
    );
  }
  if (!(pixels instanceof Float32Array)) return;
  const place = pixels.findIndex((value) => !Number.isFinite(value));
  if (place < 0) return;
  throw new UsageError(`${whose()} has ${pixels[place]} as its pixel value ${place}: expected finite numbers.`);
}
