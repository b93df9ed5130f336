import { UnsupportedLayerError } from '../unsupported-layer-error.ts';
import type { RecordedConstant, RecordedNode, RecordedOperation, Recording, Reference } from './recording.ts';

/** Whole numbers that grow with the batch: `fixed[i] + perExample[i] * batch size`. */
export interface BatchNumbers {
  readonly fixed: readonly number[];
  readonly perExample: readonly number[];
}

/** A constant as it is for a batch of any size. */
export type GraphConstant =
  | { readonly kind: 'constant'; readonly layer: string; readonly value: RecordedConstant }
  /** int32 values that grow with the batch, as the shape of a reshape does. */
  | ({ readonly kind: 'batch-numbers'; readonly layer: string; readonly shape: readonly number[] } & BatchNumbers)
  /** The same again and again along one axis, as the first state of a recurrent layer: how often, axis by axis. */
  | {
      readonly kind: 'repeated';
      readonly layer: string;
      readonly value: RecordedConstant;
      readonly times: BatchNumbers;
    };

/** A forward pass for a batch of any size. */
export interface BatchGraph {
  readonly nodes: readonly (Exclude<RecordedNode, RecordedConstant> | GraphConstant)[];
  readonly output: Reference;
}

/**
 * What several recordings of a model, each of another batch size, have in common. What JavaScript made of the batch
 * size (shapes, mostly) is told apart by what differs, as a formula that the last recordings must fulfil too.
 *
 * @throws UnsupportedLayerError where something depends on the batch size in another way.
 */
export function graphOfAnyBatch(recordings: readonly Recording[]): BatchGraph {
  const [first] = recordings as [Recording, ...Recording[]];
  for (const { nodes } of recordings) checkSameSteps(first.nodes, nodes);
  const nodes = first.nodes.map((node, index) => {
    const variants = recordings.map((recording) => recording.nodes[index] as RecordedNode);
    if (node.kind === 'operation') return withFullSlice(node, recordings, index);
    return node.kind === 'constant' ? constant(variants as RecordedConstant[], recordings) : node;
  });
  return { nodes, output: first.output };
}

function checkSameSteps(nodes: readonly RecordedNode[], others: readonly RecordedNode[]): void {
  for (let index = 0; index < Math.max(nodes.length, others.length); index += 1) {
    const [node, other] = [nodes[index], others[index]];
    if (node === undefined || other === undefined || step(node) !== step(other)) {
      throw new UnsupportedLayerError(
        layerOf(node ?? (other as RecordedNode)),
        'what it computes depends on the size of the batch',
        'savedmodel',
      );
    }
  }
}

/** What must be the same for a batch of any size. */
function step(node: RecordedNode): string {
  if (node.kind !== 'operation') return node.kind;
  return JSON.stringify([node.name, node.attributes, node.inputs]);
}

function layerOf(node: RecordedNode): string {
  return node.kind === 'operation' || node.kind === 'constant' ? node.layer : 'input';
}

/** tfjs takes a slice of the whole batch before it predicts: for the graph that is no operation. */
function withFullSlice(node: RecordedOperation, recordings: readonly Recording[], index: number): RecordedOperation {
  const isWhole = recordings.every(({ nodes }) => {
    const { inputs, outputShapes } = nodes[index] as RecordedOperation;
    const source = nodes[inputs[0]?.node ?? -1];
    if (source === undefined) return false;
    const shape = source.kind === 'operation' ? source.outputShapes[inputs[0]?.output ?? 0] : source.shape;
    return JSON.stringify(shape) === JSON.stringify(outputShapes[0]);
  });
  return node.name === 'Slice' && isWhole ? { ...node, name: 'Identity' } : node;
}

function constant(variants: readonly RecordedConstant[], recordings: readonly Recording[]): GraphConstant {
  const [first] = variants as [RecordedConstant, ...RecordedConstant[]];
  const { layer, dtype, shape } = first;
  const sizes = recordings.map(({ batchSize }) => batchSize);
  if (variants.every((variant) => sameNumbers(variant.shape, shape))) {
    if (variants.every((variant) => sameNumbers(variant.values, first.values))) {
      return { kind: 'constant', layer, value: first };
    }
    const numbers = batchNumbers(
      variants.map(({ values }) => values),
      sizes,
    );
    if (dtype === 'int32' && numbers !== null) return { kind: 'batch-numbers', layer, shape, ...numbers };
  } else {
    const repeated = repeatedConstant(variants, sizes);
    if (repeated !== null) return repeated;
  }
  throw new UnsupportedLayerError(
    layer,
    'it computes with numbers that JavaScript made anew, and that differ from call to call or with the size of the batch',
    'savedmodel',
  );
}

/** The formula of what was seen for each batch size; null where there is none. */
function batchNumbers(seen: readonly ArrayLike<number>[], sizes: readonly number[]): BatchNumbers | null {
  const [first, second] = seen as [ArrayLike<number>, ArrayLike<number>];
  const [size, secondSize] = sizes as [number, number];
  const perExample = Array.from(first, (value, index) => ((second[index] as number) - value) / (secondSize - size));
  const fixed = Array.from(first, (value, index) => value - (perExample[index] as number) * size);
  const holds = seen.every((values, recording) =>
    fixed.every(
      (value, index) => values[index] === value + (perExample[index] as number) * (sizes[recording] as number),
    ),
  );
  return holds && perExample.every(Number.isInteger) ? { fixed, perExample } : null;
}

function repeatedConstant(variants: readonly RecordedConstant[], sizes: readonly number[]): GraphConstant | null {
  const [first] = variants as [RecordedConstant, ...RecordedConstant[]];
  const { layer, shape } = first;
  if (variants.some((variant) => variant.shape.length !== shape.length)) return null;
  const lengths = batchNumbers(
    variants.map((variant) => variant.shape),
    sizes,
  );
  if (lengths === null) return null;
  const grows = lengths.perExample.map((value) => value !== 0);
  const once = variants.map((variant) => withoutRepeats(variant, grows));
  const [value] = once as [RecordedConstant | null];
  if (value === null || !once.every((other) => other !== null && sameNumbers(other.values, value.values))) return null;
  const times = {
    fixed: lengths.fixed.map((length, axis) => (grows[axis] ? length : 1)),
    perExample: lengths.perExample,
  };
  return { kind: 'repeated', layer, value, times };
}

/** A constant of length 1 along some axes; null where its values differ along them. */
function withoutRepeats(from: RecordedConstant, grows: readonly boolean[]): RecordedConstant | null {
  const shape = from.shape.map((length, axis) => (grows[axis] ? 1 : length));
  const values = new Float64Array(shape.reduce((product, length) => product * length, 1));
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, 1));
  const isSet = new Uint8Array(values.length);
  for (let index = 0; index < from.values.length; index += 1) {
    let [rest, place] = [index, 0];
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      const length = from.shape[axis] as number;
      if (!grows[axis]) place += (rest % length) * (strides[axis] as number);
      rest = Math.floor(rest / length);
    }
    const value = from.values[index] as number;
    if (isSet[place] === 1 && values[place] !== value) return null;
    values[place] = value;
    isSet[place] = 1;
  }
  return { ...from, shape, values };
}

function sameNumbers(left: ArrayLike<number>, right: ArrayLike<number>): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index += 1) if (!Object.is(left[index], right[index])) return false;
  return true;
}
