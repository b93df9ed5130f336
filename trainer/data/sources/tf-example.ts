/** The values of one feature; of the three kinds there is one. */
export interface Feature {
  readonly bytes: readonly Buffer[];
  readonly floats: readonly number[];
  readonly integers: readonly number[];
}

/** One field of a protocol buffer: a number, or bytes. */
interface Field {
  readonly number: number;
  readonly bytes: Buffer;
  readonly value: bigint;
}

const nothing = Buffer.alloc(0);

function* fieldsOf(message: Buffer): Generator<Field> {
  let place = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = message[place++];
      if (byte === undefined) break;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new Error('is no tf.train.Example');
  };
  const bytes = (length: number): Buffer => {
    if (place + length > message.length) throw new Error('is no tf.train.Example');
    place += length;
    return message.subarray(place - length, place);
  };
  while (place < message.length) {
    const key = Number(varint());
    const wireType = key & 7;
    const number = key >>> 3;
    if (wireType === 0) yield { number, bytes: nothing, value: varint() };
    else if (wireType === 2) yield { number, bytes: bytes(Number(varint())), value: 0n };
    else if (wireType === 5) yield { number, bytes: bytes(4), value: 0n };
    else if (wireType === 1) yield { number, bytes: bytes(8), value: 0n };
    else throw new Error('is no tf.train.Example');
  }
}

/**
 * The features of a `tf.train.Example` (tensorflow, `example.proto` and `feature.proto`) by their names.
 * Throws an Error whose message completes the sentence "<record> …".
 */
export function parseExample(message: Buffer): ReadonlyMap<string, Feature> {
  const features = new Map<string, Feature>();
  for (const outer of fieldsOf(message)) {
    if (outer.number !== 1) continue;
    for (const entry of fieldsOf(outer.bytes)) {
      let name = '';
      let feature = nothing;
      for (const field of fieldsOf(entry.bytes)) {
        if (field.number === 1) name = field.bytes.toString('utf8');
        if (field.number === 2) feature = field.bytes as typeof feature;
      }
      features.set(name, parseFeature(feature));
    }
  }
  return features;
}

function parseFeature(message: Buffer): Feature {
  const bytes: Buffer[] = [];
  const floats: number[] = [];
  const integers: number[] = [];
  for (const list of fieldsOf(message)) {
    for (const item of fieldsOf(list.bytes)) {
      if (list.number === 1) bytes.push(item.bytes);
      else if (list.number === 2) {
        for (let at = 0; at + 4 <= item.bytes.length; at += 4) floats.push(item.bytes.readFloatLE(at));
      } else if (item.bytes.length === 0) integers.push(signed(item.value));
      else for (const value of varintsOf(item.bytes)) integers.push(signed(value));
    }
  }
  return { bytes, floats, integers };
}

/** Negative numbers are written as their two's complement of 64 bits. */
function signed(value: bigint): number {
  return Number(BigInt.asIntN(64, value));
}

function* varintsOf(packed: Buffer): Generator<bigint> {
  let value = 0n;
  let shift = 0n;
  for (const byte of packed) {
    value |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (byte >= 0x80) continue;
    yield value;
    value = 0n;
    shift = 0n;
  }
}
