/** Pixels as the data holds them: 8 or 16 bit, or numbers (the columns of a table, an array of floats). */
export type Pixels = Uint8Array | Uint16Array | Float32Array;

/** A decoded image: `height * width * channels` values, row by row, channels last. */
export interface Image {
  readonly pixels: Pixels;
  readonly height: number;
  readonly width: number;
  /** 1 (grey), 3 (red, green, blue), or as many as the data has. */
  readonly channels: number;
}

/** One image with its label: plain data, so that any thread can work on it. */
export interface Sample extends Image {
  /** Unique within its data set: a file's path, or a synthetic cell's number. */
  readonly id: string;
  /** Index into the data set's class names; of two classes 1 is the positive one. */
  readonly label: number;
  /** What the sample counts in the loss; 1 is ordinary. */
  readonly weight: number;
}

/** One sample as an index holds it: all but its pixels. */
export type IndexedSample = Pick<Sample, 'id' | 'label' | 'weight'>;

/** Samples one after another, and how many there will be. */
export interface SampleGenerator extends AsyncIterable<Sample> {
  readonly count: number;
}

/** Samples that are at hand as a generator. */
export function generatorOf(samples: readonly Sample[]): SampleGenerator {
  return {
    count: samples.length,
    async *[Symbol.asyncIterator]() {
      yield* samples;
    },
  };
}

/** Room for pixels of the same kind. */
export function arrayLike(pixels: Pixels, length: number): Pixels {
  return new (pixels.constructor as new (length: number) => Pixels)(length);
}
