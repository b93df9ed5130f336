/** Numbers by name, with their shape, outside of TensorFlow. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}
