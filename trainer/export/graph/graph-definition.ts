import { SlipwayError } from '../../../src/errors.ts';
import { ProtobufMessage } from '../protobuf.ts';
import type { BatchGraph, BatchNumbers } from './any-batch.ts';
import type { RecordedConstant, RecordedOperation, RecordedWeight, Reference } from './recording.ts';
import type { RecordingBackend } from './recording-backend.ts';
import { attributeValue, shapeMessage, tensorMessage, typeAttribute } from './tensor-messages.ts';

/** A `GraphDef` (tensorflow/core/framework/graph.proto) and the names of its ends in it. */
export interface GraphDefinition {
  readonly message: ProtobufMessage;
  /** As `input`. */
  readonly input: string;
  /** As `score/Softmax:0`. */
  readonly output: string;
}

/** Version of TensorFlow's graphs that the operations of tfjs-node 4.22 belong to (TensorFlow 2.9). */
const graphVersion = 1087;

/** Writes a forward pass as TensorFlow's own graph: a placeholder, constants and weights, operations. */
export function graphDefinition(graph: BatchGraph, binding: RecordingBackend['binding']): GraphDefinition {
  const writer = new GraphWriter(graph, binding);
  const output = writer.tensor(graph.output);
  return { message: writer.finish(), input: 'input', output };
}

class GraphWriter {
  readonly #message = new ProtobufMessage();
  readonly #graph: BatchGraph;
  readonly #binding: RecordingBackend['binding'];
  readonly #timesUsed = new Map<string, number>();
  /** By node: its name. */
  readonly #written = new Map<number, string>();
  #batchSize: string | null = null;

  constructor(graph: BatchGraph, binding: RecordingBackend['binding']) {
    this.#graph = graph;
    this.#binding = binding;
    // Written first, whatever needs it.
    this.#write(0);
  }

  finish(): ProtobufMessage {
    return this.#message.message(4, new ProtobufMessage().integer(1, graphVersion));
  }

  /** The name of a tensor; what it is computed from is written before it, and nothing else. */
  tensor({ node, output }: Reference): string {
    // Deep networks are deeper than a call stack, so that inputs are looked up in a list of what is still to be done.
    const waiting = [node];
    while (waiting.length > 0) {
      const next = waiting.at(-1) as number;
      const inputs = this.#inputs(next).filter((input) => !this.#written.has(input.node));
      if (inputs.length > 0) {
        waiting.push(...inputs.map((input) => input.node));
      } else {
        waiting.pop();
        if (!this.#written.has(next)) this.#write(next);
      }
    }
    return `${this.#written.get(node)}:${output}`;
  }

  #inputs(index: number): readonly Reference[] {
    const node = this.#graph.nodes[index];
    return node?.kind === 'operation' ? node.inputs : [];
  }

  #write(index: number): void {
    const node = this.#graph.nodes[index];
    if (node === undefined) throw new RangeError(`the recording has no node ${index}`);
    this.#written.set(index, this.#nameOf(node));
  }

  #nameOf(node: BatchGraph['nodes'][number]): string {
    switch (node.kind) {
      case 'input': {
        const attributes = {
          dtype: typeAttribute(node.dtype),
          shape: new ProtobufMessage().message(7, shapeMessage([-1, ...node.shape.slice(1)])),
        };
        return this.#add('input', 'Placeholder', [], attributes);
      }
      case 'weight':
        return this.#weight(node);
      case 'constant':
        return this.#constant(`${node.layer}/constant`, node.value);
      case 'batch-numbers':
        return this.#batchNumbers(`${node.layer}/of_batch`, node.shape, node);
      case 'repeated': {
        const { layer, value, times } = node;
        const source = this.#constant(`${layer}/constant`, value);
        const multiples = this.#batchNumbers(`${layer}/of_batch`, [times.fixed.length], times);
        const types = { T: typeAttribute(value.dtype), Tmultiples: typeAttribute('int32') };
        return this.#add(`${layer}/Tile`, 'Tile', [source, multiples], types);
      }
      case 'operation':
        return this.#operation(node);
    }
  }

  #weight({ name, dtype, shape, read }: RecordedWeight): string {
    const bytes = {
      byteLength: 4 * shape.reduce((product, length) => product * length, 1),
      read: async () => {
        const values = (await read()) as Float32Array;
        return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      },
    };
    if (dtype !== 'float32' && dtype !== 'int32') {
      throw new SlipwayError(`weight '${name}' has the type ${dtype}, not float32`);
    }
    return this.#constantOf(name, dtype, tensorMessage(dtype, shape, bytes));
  }

  #constant(name: string, { dtype, shape, values }: RecordedConstant): string {
    return this.#constantOf(name, dtype, tensorMessage(dtype, shape, bytesOf(dtype, values)));
  }

  #constantOf(name: string, dtype: string, tensor: ProtobufMessage): string {
    return this.#add(name, 'Const', [], {
      dtype: typeAttribute(dtype),
      value: new ProtobufMessage().message(8, tensor),
    });
  }

  #integers(name: string, shape: readonly number[], values: readonly number[]): string {
    return this.#constantOf(name, 'int32', tensorMessage('int32', shape, bytesOf('int32', values)));
  }

  /** `fixed + perExample * batch size`, element by element. */
  #batchNumbers(name: string, shape: readonly number[], { fixed, perExample }: BatchNumbers): string {
    const type = { T: typeAttribute('int32') };
    const factor = this.#integers(`${name}/factor`, shape, perExample);
    const grown = this.#add(`${name}/Mul`, 'Mul', [factor, this.#size()], type);
    return this.#add(name, 'AddV2', [this.#integers(`${name}/fixed`, shape, fixed), grown], type);
  }

  #size(): string {
    this.#batchSize ??= this.#writeSize();
    return this.#batchSize;
  }

  /** The size of the batch, of the input itself. */
  #writeSize(): string {
    const input = this.#graph.nodes[0] as { readonly dtype: string };
    const shape = this.#add('batch/Shape', 'Shape', ['input'], {
      T: typeAttribute(input.dtype),
      out_type: typeAttribute('int32'),
    });
    const ends = [0, 1, 1].map((value, index) => this.#integers(`batch/end_${index}`, [1], [value]));
    return this.#add('batch/size', 'StridedSlice', [shape, ...ends], {
      T: typeAttribute('int32'),
      Index: typeAttribute('int32'),
      shrink_axis_mask: new ProtobufMessage().integer(3, 1),
    });
  }

  #operation(node: RecordedOperation): string {
    const { name, layer, attributes } = node;
    const inputs = node.inputs.map((input, index) => this.#openShape(node, index) ?? this.tensor(input));
    const written = Object.fromEntries(
      attributes.map((attribute) => [attribute.name, attributeValue(attribute, this.#binding)]),
    );
    if (name === 'Identity') return this.#add(`${layer}/Identity`, name, inputs.slice(0, 1), { T: written.T as never });
    return this.#add(`${layer}/${name}`, name, inputs, written);
  }

  /** A reshape whose one length depends on the batch: TensorFlow finds that length by itself, told as -1. */
  #openShape({ name, layer, inputs }: RecordedOperation, index: number): string | null {
    const shape = this.#graph.nodes[inputs[index]?.node ?? -1];
    if (name !== 'Reshape' || index !== 1 || shape?.kind !== 'batch-numbers') return null;
    if (shape.perExample.filter((value) => value !== 0).length !== 1) return null;
    const lengths = shape.fixed.map((value, axis) => (shape.perExample[axis] === 0 ? value : -1));
    return this.#integers(`${layer}/shape`, shape.shape, lengths);
  }

  /** Adds a `NodeDef` under a name of its own, and gives that. */
  #add(
    wanted: string,
    operation: string,
    inputs: readonly string[],
    attributes: Record<string, ProtobufMessage>,
  ): string {
    const clean = wanted.replace(/[^\w.\\/-]/g, '_').replace(/^[^A-Za-z0-9.]/, '.');
    const times = this.#timesUsed.get(clean) ?? 0;
    this.#timesUsed.set(clean, times + 1);
    const name = times === 0 ? clean : `${clean}_${times}`;
    const node = new ProtobufMessage().string(1, name).string(2, operation);
    for (const input of inputs) node.string(3, input);
    for (const [key, value] of Object.entries(attributes)) node.entry(5, key, value);
    this.#message.message(1, node);
    return name;
  }
}

function bytesOf(dtype: string, values: ArrayLike<number>): Uint8Array {
  const Type = dtype === 'float32' ? Float32Array : dtype === 'int32' ? Int32Array : Uint8Array;
  const typed = Type.from(values);
  return new Uint8Array(typed.buffer, typed.byteOffset, typed.byteLength);
}
