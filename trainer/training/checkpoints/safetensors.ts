import { type FileHandle, open } from 'node:fs/promises';
import { z } from 'zod';
import type { NamedTensor } from '../../tensorflow/named-tensor.ts';

/** What a file can hold; ours holds these two kinds alone. */
const kinds = { F32: Float32Array, I32: Int32Array } as const;
const headerBytesAtMost = 100_000_000;

const header = z.record(
  z.string(),
  z.looseObject({
    dtype: z.enum(['F32', 'I32']),
    shape: z.array(z.int().min(0)),
    data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
  }),
);

/**
 * Writes tensors in the format of https://github.com/huggingface/safetensors (README, "Format"): 8 bytes little-endian
 * with the length of a JSON header, the header, padded with spaces to a multiple of 8, and the tensors' bytes one after
 * another, little-endian. The file must not exist, and is on the disk when this returns.
 */
export async function writeSafetensors(file: string, tensors: readonly NamedTensor[]): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    await handle.writeFile(encodedHeader(tensors));
    for (const { values } of tensors) {
      if (values.byteLength > 0) await handle.writeFile(bytesOf(values));
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Reads what `writeSafetensors` wrote, in its order. Throws an Error that says why the file is something else. */
export async function readSafetensors(file: string): Promise<NamedTensor[]> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const headerBytes = size < 8 ? 0 : Number((await read(handle, 0, 8)).readBigUInt64LE());
    if (headerBytes === 0 || headerBytes > Math.min(size - 8, headerBytesAtMost)) throw new Error('it has no header');
    const text = (await read(handle, 8, headerBytes)).toString('utf8');
    const entries = Object.entries(header.parse(JSON.parse(text)));
    const start = 8 + headerBytes;
    const end = entries.reduce((last, [, { data_offsets }]) => Math.max(last, data_offsets[1]), 0);
    if (start + end !== size) throw new Error(`it has ${size} bytes, not ${start + end}`);
    const tensors: NamedTensor[] = [];
    for (const [name, { dtype, shape, data_offsets }] of entries) {
      const [from, to] = data_offsets;
      const length = shape.reduce((product, side) => product * side, 1);
      if (to - from !== length * 4) throw new Error(`its tensor ${name} has ${to - from} bytes, not ${length * 4}`);
      const { buffer, byteOffset } = await read(handle, start + from, to - from);
      tensors.push({ name, shape, values: new kinds[dtype](buffer as ArrayBuffer, byteOffset, length) });
    }
    return tensors;
  } finally {
    await handle.close();
  }
}

function encodedHeader(tensors: readonly NamedTensor[]): Buffer {
  let offset = 0;
  const entries = tensors.map(({ name, shape, values }) => {
    const data_offsets = [offset, offset + values.byteLength];
    offset += values.byteLength;
    return [name, { dtype: values instanceof Int32Array ? 'I32' : 'F32', shape, data_offsets }] as const;
  });
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)), 'utf8');
  const padded = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, ' ');
  padded.writeBigUInt64LE(BigInt(padded.length - 8));
  json.copy(padded, 8);
  return padded;
}

/** A buffer of its own, so that numbers in it lie where arrays of them may begin. */
async function read(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.from(new ArrayBuffer(length));
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(buffer, done, length - done, position + done);
    if (bytesRead === 0) throw new Error('it ends too early');
    done += bytesRead;
  }
  return buffer;
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Int32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
