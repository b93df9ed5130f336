import { SlipwayError } from '../../../src/errors.ts';
import type { Tensor, TensorFlow } from '../../tensorflow/library.ts';

/** An attribute of a TensorFlow operation, as tfjs-node hands it to the library. */
export interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** What tfjs-node's backend does not declare: every operation passes through the first two methods. */
export interface RecordingBackend {
  readonly binding: {
    readonly TF_ATTR_STRING: number;
    readonly TF_ATTR_INT: number;
    readonly TF_ATTR_FLOAT: number;
    readonly TF_ATTR_BOOL: number;
    readonly TF_ATTR_TYPE: number;
    readonly TF_ATTR_SHAPE: number;
  };
  executeSingleOutput(name: string, attributes: readonly Attribute[], inputs: readonly Tensor[]): Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly Tensor[],
    count: number,
  ): Tensor[];
  readSync(dataId: object): Float32Array | Int32Array | Uint8Array;
  loadSavedModelMetaGraph(directory: string, tags: string): number;
  runSavedModel(
    session: number,
    inputs: readonly Tensor[],
    infos: readonly { readonly name: string; readonly dtype: string }[],
    outputs: readonly string[],
  ): Tensor[];
  deleteSavedModel(session: number): void;
}

/** Throws SlipwayError where operations run in something else than TensorFlow's own library. */
export function recordingBackend(tf: TensorFlow): RecordingBackend {
  const backend = tf.backend() as unknown as Partial<RecordingBackend>;
  if (typeof backend.executeSingleOutput !== 'function' || backend.binding === undefined) {
    throw new SlipwayError(
      `a SavedModel is made of TensorFlow's own operations, but the backend of TensorFlow.js is '${tf.getBackend()}'`,
      { hint: "use the backend 'tensorflow', or leave savedmodel out of the formats" },
    );
  }
  return backend as RecordingBackend;
}
