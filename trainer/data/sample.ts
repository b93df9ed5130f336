/** One image with its label: plain data, so that any thread can work on it. */
export interface Sample {
  /** Unique within its data set: a file's path, or a synthetic cell's number. */
  readonly id: string;
  /** height * width * channels bytes, row by row, channels last. */
  readonly pixels: Uint8Array;
  readonly height: number;
  readonly width: number;
  /** 1 (grey) or 3 (red, green, blue). */
  readonly channels: number;
  /** Index into the data set's class names; 1 is the positive class. */
  readonly label: number;
  /** What the sample counts in the loss; 1 is ordinary. */
  readonly weight: number;
}

/** A decoded image: `height * width * channels` bytes. */
export type Image = Pick<Sample, 'pixels' | 'height' | 'width' | 'channels'>;
