import { SlipwayError } from '../../../src/errors.ts';
import { type LazyBytes, ProtobufMessage } from '../protobuf.ts';
import type { Attribute, RecordingBackend } from './recording-backend.ts';

/** `DataType` of tensorflow/core/framework/types.proto, by tfjs's names. */
export const dataTypes: Readonly<Record<string, number>> = { float32: 1, int32: 3, bool: 10 };

/** A `TensorShapeProto`; -1 is a length that is not known. */
export function shapeMessage(shape: readonly number[]): ProtobufMessage {
  const message = new ProtobufMessage();
  for (const length of shape) message.message(2, new ProtobufMessage().integer(1, length));
  return message;
}

/** A `TensorProto`, its values as bytes. */
export function tensorMessage(dtype: string, shape: readonly number[], bytes: Uint8Array | LazyBytes): ProtobufMessage {
  return new ProtobufMessage()
    .integer(1, dataTypes[dtype] as number)
    .message(2, shapeMessage(shape))
    .bytes(4, bytes);
}

/** An `AttrValue` (tensorflow/core/framework/attr_value.proto) of a type. */
export function typeAttribute(dtype: string): ProtobufMessage {
  return new ProtobufMessage().integer(6, dataTypes[dtype] as number);
}

/** The `AttrValue` of an attribute as tfjs-node hands it to the library. */
export function attributeValue(
  { name, type, value }: Attribute,
  binding: RecordingBackend['binding'],
): ProtobufMessage {
  const message = new ProtobufMessage();
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  const target = Array.isArray(value) && type !== binding.TF_ATTR_SHAPE ? new ProtobufMessage() : message;
  if (type === binding.TF_ATTR_SHAPE) return message.message(7, shapeMessage((value ?? []) as number[]));
  for (const item of values) {
    if (type === binding.TF_ATTR_STRING) target.string(2, String(item));
    else if (type === binding.TF_ATTR_INT) target.integer(3, Number(item));
    else if (type === binding.TF_ATTR_FLOAT) target.float(4, Number(item));
    else if (type === binding.TF_ATTR_BOOL) target.integer(5, item ? 1 : 0);
    else if (type === binding.TF_ATTR_TYPE) target.integer(6, Number(item));
    else throw new SlipwayError(`the attribute '${name}' of an operation has a type (${type}) that no graph can hold`);
  }
  return target === message ? message : message.message(1, target);
}
