import { randomSource, shuffled } from '../random.ts';
import { augmentSample } from './augment.ts';
import type { Sample } from './sample.ts';

/**
 * What the network gets for a byte of a pixel: `value * scale + offset`, -1 to 1.
 * Centred inputs shorten the plateau at the start of training by several epochs against 0 to 1.
 */
export const preprocessing = { scale: 1 / 127.5, offset: -1 } as const;

/** Samples side by side, as the training step takes them. */
export interface Batch {
  readonly size: number;
  /** [size, height, width, channels], -1 to 1. */
  readonly pixels: Float32Array;
  /** [size], 0 or 1. */
  readonly labels: Float32Array;
  /** [size]. */
  readonly weights: Float32Array;
}

/** Puts samples of one size side by side and scales their pixels to -1 to 1. */
export function makeBatch(samples: readonly Sample[]): Batch {
  const length = samples[0]?.pixels.length ?? 0;
  const pixels = new Float32Array(samples.length * length);
  const labels = new Float32Array(samples.length);
  const weights = new Float32Array(samples.length);
  for (const [index, sample] of samples.entries()) {
    const start = index * length;
    for (let offset = 0; offset < length; offset += 1) {
      pixels[start + offset] = (sample.pixels[offset] as number) * preprocessing.scale + preprocessing.offset;
    }
    labels[index] = sample.label;
    weights[index] = sample.weight;
  }
  return { size: samples.length, pixels, labels, weights };
}

/** Cuts a list into runs of `size`; the last may be shorter. */
export function* chunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

/** How the batches of an epoch are drawn. */
export interface EpochOptions {
  readonly batchSize: number;
  readonly seed: number;
  /** From 1. */
  readonly epoch: number;
  /** Whether each image is changed at random. */
  readonly augment: boolean;
}

/** The samples of an epoch in its order: depends on the seed and the epoch alone. */
export function epochOrder(samples: readonly Sample[], seed: number, epoch: number): Sample[] {
  return shuffled(samples, randomSource(seed, 'order', epoch));
}

/** The batches of one epoch; every sample is in exactly one. */
export function* epochBatches(ordered: readonly Sample[], options: EpochOptions): Generator<Batch> {
  for (const samples of chunks(ordered, options.batchSize)) {
    const prepared = options.augment
      ? samples.map((sample) => augmentSample(sample, randomSource(options.seed, 'augment', options.epoch, sample.id)))
      : samples;
    yield makeBatch(prepared);
  }
}
