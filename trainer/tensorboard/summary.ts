import { ProtobufMessage } from '../export/protobuf.ts';
import { bucketCount } from './histogram.ts';

/**
 * Values byte for byte as TensorFlow 2 writes them: a tensor, and a note for which of TensorBoard's dashboards it is.
 * Field numbers are those of tensorboard/compat/proto: `summary.proto`, `tensor.proto`, `tensor_shape.proto`,
 * `types.proto`.
 */
export type SummaryValue = ProtobufMessage;

/** A picture as its file. */
export interface PngImage {
  readonly png: Uint8Array;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
}

/** `types.proto`, DataType. */
const dataTypes = { float32: 1, float64: 2, string: 7 } as const;

/** A number, kept with single precision as TensorFlow does. */
export function scalarSummary(tag: string, value: number): SummaryValue {
  const content = Buffer.alloc(4);
  content.writeFloatLE(value);
  return summaryValue(tag, 'scalars', tensorMessage(dataTypes.float32, []).bytes(4, content));
}

/** Buckets of `histogramBuckets`. */
export function histogramSummary(tag: string, buckets: Float64Array): SummaryValue {
  const content = Buffer.alloc(buckets.byteLength);
  for (const [index, number] of buckets.entries()) content.writeDoubleLE(number, index * 8);
  return summaryValue(tag, 'histograms', tensorMessage(dataTypes.float64, [bucketCount, 3]).bytes(4, content));
}

/** Width, height and file, as texts. */
export function imageSummary(tag: string, { png, width, height }: PngImage): SummaryValue {
  const tensor = tensorMessage(dataTypes.string, [3]).string(8, String(width)).string(8, String(height)).bytes(8, png);
  return summaryValue(tag, 'images', tensor);
}

function tensorMessage(dataType: number, shape: readonly number[]): ProtobufMessage {
  const dimensions = new ProtobufMessage();
  for (const length of shape) dimensions.message(2, new ProtobufMessage().integer(1, length));
  return new ProtobufMessage().integer(1, dataType).message(2, dimensions);
}

function summaryValue(tag: string, plugin: string, tensor: ProtobufMessage): SummaryValue {
  const metadata = new ProtobufMessage().message(1, new ProtobufMessage().string(1, plugin));
  return new ProtobufMessage().string(1, tag).message(8, tensor).message(9, metadata);
}
