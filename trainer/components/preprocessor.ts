import type { Batch } from '../components/batch.ts';
import type { RandomSource } from '../random.ts';
import { Component } from './component.ts';
import type { Image, Sample, SampleGenerator } from './sample.ts';

/** The random source of a sample in an epoch: equal for equal seeds, whatever was drawn before. */
export type RandomOf = (sample: Sample) => RandomSource;

/**
 * What is done to each sample before the network gets it. Pure functions of a sample and a random source, so that they
 * may run anywhere and in any order.
 */
export abstract class SampleStep<Parameters extends object> extends Component<Parameters> {
  /** The sample with another image. */
  imagePreprocess(sample: Sample, _random: RandomSource): Sample {
    return sample;
  }

  /** The sample with another label or weight. */
  labelPreprocess(sample: Sample, _random: RandomSource): Sample {
    return sample;
  }

  /** The samples of a generator, each changed: first its image, then its label. */
  addPreprocess(generator: SampleGenerator, randomOf: RandomOf): SampleGenerator {
    const change = (sample: Sample): Sample => {
      const random = randomOf(sample);
      return this.labelPreprocess(this.imagePreprocess(sample, random), random);
    };
    return {
      count: generator.count,
      async *[Symbol.asyncIterator]() {
        for await (const sample of generator) yield change(sample);
      },
    };
  }
}

/** Changes training samples at random, anew in every epoch; validation and test samples are left as they are. */
export abstract class Augmentor<
  Parameters extends object = Readonly<Record<string, never>>,
> extends SampleStep<Parameters> {}

/** What a network gets for a pixel's lowest value, 0, and for its highest, 255 or 65535. */
export interface PixelRange {
  readonly low: number;
  readonly high: number;
}

/** Makes of samples what the network takes, of all of them in the same way. */
export abstract class Preprocessor<
  Parameters extends object = Readonly<Record<string, never>>,
> extends SampleStep<Parameters> {
  /** Samples of one shape side by side. */
  abstract batchify(samples: readonly Sample[]): Batch;

  /** Of samples whose pixels are of this kind; null where inputs are no pixels, or more than their scale is changed. */
  pixelRange(_dtype: 'uint8' | 'uint16' | 'float32'): PixelRange | null {
    return null;
  }

  /**
   * What the network gets of a sample, as bytes that people can look at: here from its lowest value to its highest. Of an
   * image and its reconstruction both are given as one, one after the other.
   */
  toBytes(values: Float32Array, _sample: Image): Uint8Array {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const value of values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    const range = high - low || 1;
    return Uint8Array.from(values, (value) => Math.round((255 * (value - low)) / range));
  }

  /** How an image becomes the network's input, as data: kept beside the model. */
  describe(_sample: Image): Readonly<Record<string, unknown>> {
    return { preprocessor: this.constructor.name, ...this.parameters };
  }
}
