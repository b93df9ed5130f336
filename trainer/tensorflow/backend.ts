import type { Tensor, TensorFlow } from './library.ts';

/** An attribute of a TensorFlow operation, as the native binding takes it. */
export interface OperationAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** The part of tfjs-node's backend that the package does not declare: every TensorFlow operation by its own name. */
export interface NodeBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: {
    readonly TF_ATTR_TYPE: number;
    readonly TF_FLOAT: number;
    readonly TF_INT32: number;
    readonly TF_Version?: string;
  };
  executeSingleOutput(name: string, attributes: readonly OperationAttribute[], inputs: readonly Tensor[]): Tensor;
}

export function nodeBackend(tf: TensorFlow): NodeBackend {
  return tf.backend() as unknown as NodeBackend;
}
