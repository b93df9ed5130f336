import type { LayersModel, Tensor, TensorFlow } from '../../tensorflow/library.ts';
import { UnsupportedLayerError } from '../unsupported-layer-error.ts';
import { followLayers } from './follow-layers.ts';
import { type Attribute, type RecordingBackend, recordingBackend } from './recording-backend.ts';
import { dataTypes } from './tensor-messages.ts';

type Engine = ReturnType<TensorFlow['engine']>;

/** An output of a node: place of the node in the recording, place among its outputs. */
export interface Reference {
  readonly node: number;
  readonly output: number;
}

/** Numbers in a recording that do not come from the model's input. */
export interface RecordedConstant {
  readonly kind: 'constant';
  /** The layer that used them first. */
  readonly layer: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/** A TensorFlow operation that the forward pass ran. */
export interface RecordedOperation {
  readonly kind: 'operation';
  readonly layer: string;
  /** TensorFlow's own name. */
  readonly name: string;
  readonly attributes: readonly Attribute[];
  readonly inputs: readonly Reference[];
  readonly outputShapes: readonly (readonly number[])[];
}

/** A weight of the model; its numbers are read when the graph is written. */
export interface RecordedWeight {
  readonly kind: 'weight';
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  read(): Promise<ArrayLike<number>>;
}

export type RecordedNode =
  | { readonly kind: 'input'; readonly dtype: string; readonly shape: readonly number[] }
  | RecordedWeight
  | RecordedConstant
  | RecordedOperation;

/** One forward pass for one batch size, in the order in which it ran. Node 0 is the input. */
export interface Recording {
  readonly batchSize: number;
  readonly nodes: readonly RecordedNode[];
  readonly output: Reference;
}

/**
 * Runs `model.predict` on a batch of zeros and keeps which TensorFlow operations it ran, on what. No layer is known
 * here: whatever a layer computes with operations of tfjs is recorded.
 *
 * @throws UnsupportedLayerError where a layer reads what it computed of the input, which no graph can follow.
 */
export function recordForwardPass(tf: TensorFlow, model: LayersModel, batchSize: number): Recording {
  const recorder = new Recorder(tf, model);
  let output: Reference | null = null;
  tf.tidy(() => {
    const { shape, dtype } = model.inputs[0] as { shape: (number | null)[]; dtype: 'float32' };
    const input = tf.zeros([batchSize, ...(shape.slice(1) as number[])], dtype);
    recorder.begin(input);
    try {
      output = recorder.referenceOf(model.predictOnBatch(input) as Tensor);
    } finally {
      recorder.end();
    }
  });
  if (output === null) throw new TypeError(`the model ${model.name} gave nothing`);
  return { batchSize, nodes: recorder.nodes, output };
}

class Recorder {
  readonly nodes: RecordedNode[] = [];
  readonly #backend: RecordingBackend;
  readonly #engine: Engine;
  readonly #model: LayersModel;
  readonly #references = new Map<object, Reference>();
  readonly #ofInput = new Set<number>();
  #layers: ReturnType<typeof followLayers> | null = null;

  constructor(tf: TensorFlow, model: LayersModel) {
    this.#backend = recordingBackend(tf);
    this.#engine = tf.engine();
    this.#model = model;
  }

  begin(input: Tensor): void {
    this.#add(input.dataId, { kind: 'input', dtype: input.dtype, shape: input.shape });
    this.#ofInput.add(0);
    for (const weight of this.#model.weights) {
      const variable = weight.read();
      const { shape, dtype } = variable;
      const read = () => variable.data();
      this.#add(variable.dataId, { kind: 'weight', name: weight.originalName, dtype, shape, read });
    }
    const { executeSingleOutput, executeMultipleOutputs } = this.#backend;
    const backend = this.#backend;
    backend.executeSingleOutput = (name, attributes, inputs) =>
      this.#record(name, attributes, inputs, () => [executeSingleOutput.call(backend, name, attributes, inputs)])[0]!;
    backend.executeMultipleOutputs = (name, attributes, inputs, count) =>
      this.#record(name, attributes, inputs, () =>
        executeMultipleOutputs.call(backend, name, attributes, inputs, count),
      );
    for (const method of ['read', 'readSync'] as const) this.#guard(method);
    this.#layers = followLayers(this.#model);
  }

  end(): void {
    // The classes' own methods are there again.
    for (const method of ['executeSingleOutput', 'executeMultipleOutputs'] as const) {
      delete (this.#backend as Partial<RecordingBackend>)[method];
    }
    for (const method of ['read', 'readSync'] as const) delete (this.#engine as Partial<Engine>)[method];
    this.#layers?.end();
  }

  /**
   * Refuses `data` and its like for what was computed of the input. They pass through the engine; the checks that
   * operations make of their indices do not, and may.
   */
  #guard(method: 'read' | 'readSync'): void {
    const engine = this.#engine;
    const read = engine[method] as (dataId: object) => unknown;
    engine[method] = ((dataId: object) => {
      if (this.#ofInput.has(this.#references.get(dataId)?.node ?? -1)) {
        throw new UnsupportedLayerError(
          this.#layer(),
          'it reads numbers of its input in JavaScript (data, dataSync, array), which no graph can follow',
          'savedmodel',
        );
      }
      return read.call(engine, dataId);
    }) as never;
  }

  /** Where a tensor comes from; one that no recorded operation made is a constant. */
  referenceOf(tensor: Tensor): Reference {
    const known = this.#references.get(tensor.dataId);
    if (known !== undefined) return known;
    const { dtype, shape } = tensor;
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
      throw new UnsupportedLayerError(this.#layer(), `it computes with values of the type ${dtype}`, 'savedmodel');
    }
    const values = Float64Array.from(this.#backend.readSync(tensor.dataId));
    return this.#add(tensor.dataId, { kind: 'constant', layer: this.#layer(), dtype, shape, values });
  }

  #record(name: string, given: readonly Attribute[], tensors: readonly Tensor[], run: () => Tensor[]): Tensor[] {
    const inputs = tensors.map((tensor) => this.referenceOf(tensor));
    const outputs = run();
    const node = this.nodes.length;
    const outputShapes = outputs.map(({ shape }) => shape);
    const layer = this.#layer();
    const attributes = this.#allAttributes(name, given, tensors);
    this.nodes.push({ kind: 'operation', layer, name, attributes, inputs, outputShapes });
    for (const [output, { dataId }] of outputs.entries()) this.#references.set(dataId, { node, output });
    if (inputs.some((input) => this.#ofInput.has(input.node))) this.#ofInput.add(node);
    return outputs;
  }

  #add(dataId: object, node: RecordedNode): Reference {
    const reference = { node: this.nodes.length, output: 0 };
    this.nodes.push(node);
    this.#references.set(dataId, reference);
    return reference;
  }

  #layer(): string {
    return this.#layers?.current() ?? this.#model.name;
  }

  /** tfjs leaves the type of this operation for the library to find, which a graph does not do. */
  #allAttributes(name: string, given: readonly Attribute[], [input]: readonly Tensor[]): readonly Attribute[] {
    if (name !== 'ExpandDims' || input === undefined) return given;
    return [{ name: 'T', type: this.#backend.binding.TF_ATTR_TYPE, value: dataTypes[input.dtype] }];
  }
}
