import { open } from 'node:fs/promises';

/** Bytes that are read when they are written, so that not all of a model's weights lie in memory at once. */
export interface LazyBytes {
  readonly byteLength: number;
  read(): Promise<Uint8Array>;
}

type Chunk = Uint8Array | LazyBytes;

const wireTypes = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;
const chunksPerWrite = 256;

/**
 * A protobuf message being written, field by field, in the order of the calls
 * (https://protobuf.dev/programming-guides/encoding). Field numbers are those of the `.proto` file.
 */
export class ProtobufMessage {
  readonly #chunks: Chunk[] = [];
  #byteLength = 0;

  /** Of an `int32`, `int64`, `bool` or enum; a negative one takes ten bytes, as everywhere. */
  integer(field: number, value: number): this {
    return this.#add(tag(field, wireTypes.varint)).#add(varint(value));
  }

  /** Repeated integers, packed. */
  integers(field: number, values: readonly number[]): this {
    return this.bytes(field, Buffer.concat(values.map(varint)));
  }

  float(field: number, value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(value);
    return this.#add(tag(field, wireTypes.fixed32)).#add(bytes);
  }

  double(field: number, value: number): this {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    return this.#add(tag(field, wireTypes.fixed64)).#add(bytes);
  }

  /** Repeated floats, packed. */
  floats(field: number, values: readonly number[]): this {
    const bytes = Buffer.alloc(4 * values.length);
    for (const [index, value] of values.entries()) bytes.writeFloatLE(value, 4 * index);
    return this.bytes(field, bytes);
  }

  string(field: number, value: string): this {
    return this.bytes(field, Buffer.from(value));
  }

  bytes(field: number, value: Chunk): this {
    return this.#add(tag(field, wireTypes.bytes)).#add(varint(value.byteLength)).#add(value);
  }

  message(field: number, value: ProtobufMessage): this {
    this.#add(tag(field, wireTypes.bytes)).#add(varint(value.#byteLength));
    for (const chunk of value.#chunks) this.#add(chunk);
    return this;
  }

  /** An entry of a `map<string, …>`. */
  entry(field: number, key: string, value: ProtobufMessage): this {
    return this.message(field, new ProtobufMessage().string(1, key).message(2, value));
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  /** The whole message. Throws TypeError where some of its bytes are to be read first. */
  toBuffer(): Buffer {
    return Buffer.concat(
      this.#chunks.map((chunk) => {
        if (chunk instanceof Uint8Array) return chunk;
        throw new TypeError('A message with lazy bytes can only be written to a file.');
      }),
    );
  }

  /** Writes the message to a file that must not be there yet. */
  async write(file: string): Promise<void> {
    const handle = await open(file, 'wx');
    try {
      let waiting: Uint8Array[] = [];
      for (const chunk of this.#chunks) {
        waiting.push(chunk instanceof Uint8Array ? chunk : await chunk.read());
        if (waiting.length === chunksPerWrite || !(chunk instanceof Uint8Array)) {
          await handle.writeFile(Buffer.concat(waiting));
          waiting = [];
        }
      }
      await handle.writeFile(Buffer.concat(waiting));
    } finally {
      await handle.close();
    }
  }

  #add(chunk: Chunk): this {
    this.#chunks.push(chunk);
    this.#byteLength += chunk.byteLength;
    return this;
  }
}

function tag(field: number, wireType: number): Buffer {
  return varint(field * 8 + wireType);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  // 64 bits in two's complement.
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}
