import { UsageError } from '../../../src/errors.ts';
import type { NamedArray, Values } from './named-arrays.ts';
import type { RandomAccess } from './spool.ts';

/** How values of a kind are read from the bytes of a row. */
interface ValueType {
  readonly bytes: number;
  read(view: DataView, offset: number, littleEndian: boolean): number | bigint | string;
}

const numbers: Readonly<Record<string, ValueType>> = {
  b1: { bytes: 1, read: (view, offset) => view.getUint8(offset) },
  u1: { bytes: 1, read: (view, offset) => view.getUint8(offset) },
  i1: { bytes: 1, read: (view, offset) => view.getInt8(offset) },
  u2: { bytes: 2, read: (view, offset, little) => view.getUint16(offset, little) },
  i2: { bytes: 2, read: (view, offset, little) => view.getInt16(offset, little) },
  u4: { bytes: 4, read: (view, offset, little) => view.getUint32(offset, little) },
  i4: { bytes: 4, read: (view, offset, little) => view.getInt32(offset, little) },
  u8: { bytes: 8, read: (view, offset, little) => view.getBigUint64(offset, little) },
  i8: { bytes: 8, read: (view, offset, little) => view.getBigInt64(offset, little) },
  f2: { bytes: 2, read: (view, offset, little) => halfFloat(view.getUint16(offset, little)) },
  f4: { bytes: 4, read: (view, offset, little) => view.getFloat32(offset, little) },
  f8: { bytes: 8, read: (view, offset, little) => view.getFloat64(offset, little) },
};

/** IEEE 754 binary16. */
function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Text of a fixed length, which zeros fill: S of bytes, U of 4 bytes a character. */
function textType(kind: string, length: number): ValueType {
  const width = kind === 'U' ? 4 : 1;
  return {
    bytes: width * length,
    read: (view, offset, little) => {
      const codes = Array.from({ length }, (_, at) =>
        width === 4 ? view.getUint32(offset + 4 * at, little) : view.getUint8(offset + at),
      );
      const end = codes.findLastIndex((code) => code !== 0) + 1;
      return kind === 'U'
        ? String.fromCodePoint(...codes.slice(0, end))
        : Buffer.from(codes.slice(0, end)).toString('utf8');
    },
  };
}

/**
 * An array in NumPy's format (numpy.lib.format, versions 1 to 3), row by row. `name` is for messages.
 * Throws UsageError for Python objects, structures, columns first, and files that are cut off.
 */
export async function openNpy(access: RandomAccess, name: string): Promise<NamedArray> {
  const start = access.size < 12 ? Buffer.alloc(12) : await access.read(0, 12);
  if (start.toString('latin1', 0, 6) !== '\x93NUMPY') throw new UsageError(`The array ${name} is no array of NumPy.`);
  const isLong = (start[6] as number) >= 2;
  const headerStart = isLong ? 12 : 10;
  const dataStart = headerStart + (isLong ? start.readUInt32LE(8) : start.readUInt16LE(8));
  if (access.size < dataStart) throw new UsageError(`The array ${name} is cut off.`);
  const header = (await access.read(headerStart, dataStart - headerStart)).toString('utf8');
  const [, order = '', kind = ''] = /'descr':\s*'([<>|=]?)(\w+)'/.exec(header) ?? [];
  const [, dimensions] = /'shape':\s*\(([^)]*)\)/.exec(header) ?? [];
  const type = typeOf(kind);
  if (type === undefined || dimensions === undefined) {
    throw new UsageError(`The array ${name} holds neither numbers nor text: its header is ${header.trim()}.`);
  }
  const shape = (dimensions.match(/\d+/g) ?? []).map(Number);
  if (/'fortran_order':\s*True/.test(header) && shape.length > 1) {
    throw new UsageError(`The array ${name} is stored columns first; save it by numpy.ascontiguousarray.`);
  }
  const count = shape.reduce((product, size) => product * size, 1);
  if (access.size < dataStart + count * type.bytes) {
    throw new UsageError(
      `The array ${name} is cut off: it holds ${access.size} of ${dataStart + count * type.bytes} bytes.`,
    );
  }
  const rowValues = shape.slice(1).reduce((product, size) => product * size, 1);
  const rowBytes = rowValues * type.bytes;
  return {
    shape,
    rows: async (from, to) =>
      valuesOf(await access.read(dataStart + from * rowBytes, (to - from) * rowBytes), kind, type, order !== '>'),
  };
}

function typeOf(kind: string): ValueType | undefined {
  const [, text, length] = /^([SU])(\d+)$/.exec(kind) ?? [];
  return text === undefined ? numbers[kind] : textType(text, Number(length));
}

function valuesOf(bytes: Buffer, kind: string, type: ValueType, littleEndian: boolean): Values {
  if (kind === 'u1' || kind === 'b1') return new Uint8Array(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = Array.from({ length: bytes.length / type.bytes }, (_, at) =>
    type.read(view, at * type.bytes, littleEndian),
  );
  return kind === 'u2' ? Uint16Array.from(values as number[]) : (values as number[] | bigint[] | string[]);
}
