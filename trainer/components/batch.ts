/** Samples side by side, as the training step takes them. */
export interface Batch {
  readonly size: number;
  /** [size, …shape], row-major. */
  readonly inputs: Float32Array;
  /** Of one input: `[height, width, channels]`. */
  readonly shape: readonly [height: number, width: number, channels: number];
  /** [size]: the labels. */
  readonly targets: Float32Array;
  /** [size]. */
  readonly weights: Float32Array;
}
