import type { WeightVariable } from '../layers-model.ts';
import { type LazyBytes, ProtobufMessage } from '../protobuf.ts';

/** A tensor of the graph. tfjs has the channels of images last, ONNX's convolutions want them first. */
export interface OnnxValue {
  readonly name: string;
  /** Of one example, channels last, whatever the layout. */
  readonly shape: readonly number[];
  readonly layout: 'channels-last' | 'channels-first';
}

/** An attribute of a node: whole numbers, others as `{float}`, words, or a list of whole numbers. */
export type OnnxAttributes = Readonly<Record<string, number | { readonly float: number } | string | readonly number[]>>;

const elementTypes = { float: 1, int64: 7 } as const;
const attributeTypes = { float: 1, integer: 2, string: 3, integers: 7 } as const;
const [toFirst, toLast] = [
  [0, 3, 1, 2],
  [0, 2, 3, 1],
] as const;

/** Collects the nodes and numbers of a `GraphProto` (onnx/onnx.proto). */
export class OnnxGraph {
  readonly #nodes: ProtobufMessage[] = [];
  readonly #initializers: ProtobufMessage[] = [];
  readonly #timesUsed = new Map<string, number>();
  readonly #weights = new Map<WeightVariable, string>();
  /** Values in the other layout, by name. */
  readonly #transposed = new Map<string, OnnxValue>();

  /** A node with one output; that has the shape and layout of `like`, unless they are told. */
  node(
    operation: string,
    name: string,
    inputs: readonly (OnnxValue | string)[],
    attributes: OnnxAttributes = {},
    like: Pick<OnnxValue, 'shape' | 'layout'> = inputs[0] as OnnxValue,
  ): OnnxValue {
    const output = this.#unique(name);
    const node = new ProtobufMessage();
    for (const input of inputs) node.string(1, typeof input === 'string' ? input : input.name);
    node.string(2, output).string(3, output).string(4, operation);
    for (const [key, value] of Object.entries(attributes)) node.message(5, attributeMessage(key, value));
    this.#nodes.push(node);
    return { name: output, shape: like.shape, layout: like.layout };
  }

  /** The value with its channels first, as convolutions want it, or last, as tfjs has it. Only images are turned. */
  inLayout(value: OnnxValue, layout: OnnxValue['layout']): OnnxValue {
    if (value.layout === layout || value.shape.length !== 3) return value;
    const known = this.#transposed.get(value.name);
    if (known !== undefined) return known;
    const perm = layout === 'channels-first' ? toFirst : toLast;
    const turned = this.node('Transpose', `${value.name}/${layout}`, [value], { perm }, { shape: value.shape, layout });
    this.#transposed.set(value.name, turned);
    this.#transposed.set(turned.name, value);
    return turned;
  }

  /** A weight of the model, its axes in another order and told as `shape` where these are given. Read when written. */
  weight(weight: WeightVariable, permutation?: readonly number[], shape?: readonly number[]): string {
    const known = this.#weights.get(weight);
    if (known !== undefined) return known;
    const own = weight.shape as readonly number[];
    const bytes: LazyBytes = {
      byteLength: 4 * own.reduce((product, length) => product * length, 1),
      read: async () => {
        const values = (await weight.read().data()) as Float32Array;
        const turned = permutation === undefined ? values : permuted(values, own, permutation);
        return new Uint8Array(turned.buffer, turned.byteOffset, turned.byteLength);
      },
    };
    const told = shape ?? permutation?.map((axis) => own[axis] as number) ?? own;
    const name = this.#initializer(weight.originalName, 'float', told, bytes);
    this.#weights.set(weight, name);
    return name;
  }

  floats(name: string, shape: readonly number[], values: readonly number[]): string {
    return this.#initializer(name, 'float', shape, bytesOf(Float32Array.from(values)));
  }

  integers(name: string, values: readonly number[]): string {
    return this.#initializer(name, 'int64', [values.length], bytesOf(BigInt64Array.from(values, BigInt)));
  }

  /** The whole graph, from `input` to `output`, for a batch of any size. */
  finish(name: string, input: OnnxValue, output: OnnxValue): ProtobufMessage {
    const last = this.inLayout(output, 'channels-last');
    this.#nodes.push(new ProtobufMessage().string(1, last.name).string(2, 'output').string(4, 'Identity'));
    const graph = new ProtobufMessage();
    for (const node of this.#nodes) graph.message(1, node);
    graph.string(2, name);
    for (const initializer of this.#initializers) graph.message(5, initializer);
    return graph.message(11, valueInfo(input)).message(12, valueInfo({ ...last, name: 'output' }));
  }

  #initializer(
    wanted: string,
    type: keyof typeof elementTypes,
    shape: readonly number[],
    bytes: Uint8Array | LazyBytes,
  ): string {
    const name = this.#unique(wanted);
    const tensor = new ProtobufMessage();
    for (const length of shape) tensor.integer(1, length);
    this.#initializers.push(tensor.integer(2, elementTypes[type]).string(8, name).bytes(9, bytes));
    return name;
  }

  #unique(wanted: string): string {
    const times = this.#timesUsed.get(wanted) ?? (wanted === 'input' || wanted === 'output' ? 1 : 0);
    this.#timesUsed.set(wanted, times + 1);
    return times === 0 ? wanted : this.#unique(`${wanted}_${times}`);
  }
}

function attributeMessage(name: string, value: OnnxAttributes[string]): ProtobufMessage {
  const message = new ProtobufMessage().string(1, name);
  if (typeof value === 'number') return message.integer(3, value).integer(20, attributeTypes.integer);
  if (typeof value === 'string') return message.string(4, value).integer(20, attributeTypes.string);
  if ('float' in value) return message.float(2, value.float).integer(20, attributeTypes.float);
  for (const item of value) message.integer(8, item);
  return message.integer(20, attributeTypes.integers);
}

function valueInfo({ name, shape }: OnnxValue): ProtobufMessage {
  const dimensions = new ProtobufMessage().message(1, new ProtobufMessage().string(2, 'batch'));
  for (const length of shape) dimensions.message(1, new ProtobufMessage().integer(1, length));
  const tensor = new ProtobufMessage().integer(1, elementTypes.float).message(2, dimensions);
  return new ProtobufMessage().string(1, name).message(2, new ProtobufMessage().message(1, tensor));
}

/** The values of a tensor whose axes are put in another order. */
function permuted(values: Float32Array, shape: readonly number[], permutation: readonly number[]): Float32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, 1));
  const [lengths, steps] = [
    permutation.map((axis) => shape[axis] as number),
    permutation.map((axis) => strides[axis] as number),
  ];
  const result = new Float32Array(values.length);
  const place = lengths.map(() => 0);
  let source = 0;
  for (let index = 0; index < result.length; index += 1) {
    result[index] = values[source] as number;
    for (let axis = lengths.length - 1; axis >= 0; axis -= 1) {
      place[axis] = (place[axis] as number) + 1;
      source += steps[axis] as number;
      if (place[axis] !== lengths[axis]) break;
      source -= (steps[axis] as number) * (lengths[axis] as number);
      place[axis] = 0;
    }
  }
  return result;
}

function bytesOf(values: Float32Array | BigInt64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
