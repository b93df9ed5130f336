import type { LogOptions } from './types.ts';

const headerBytes = 8;

/** The longest time: nine digits of a second and a zone, as `2026-11-26T08:01:02.123456789+00:00`, and a space. */
const longestStampBytes = 36;
const usualStamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/;
const space = 0x20;

/**
 * Takes the engine's multiplexed log stream apart. Each frame has a header of 8 bytes: the stream (1 stdout, 2 stderr),
 * three zeros, and the length as a big-endian 32-bit number (Docker Engine API, "Attach to a container"). With
 * `timestamps` the content of each begins with the time of the message: a line, or a piece of 16 KiB of a longer one.
 */
export async function readLogFrames(
  source: AsyncIterable<Uint8Array>,
  { stdout, stderr, timestamps, onPause }: Pick<LogOptions, 'stdout' | 'stderr' | 'timestamps' | 'onPause'>,
): Promise<void> {
  /** The header, and behind it the time, as far as they have come. */
  const head = Buffer.alloc(headerBytes + longestStampBytes);
  let headLength = 0;
  let remainingBytes = 0;
  let time = '';
  let sink = stdout;
  for await (const piece of source) {
    let chunk = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    while (chunk.length > 0) {
      if (remainingBytes === 0) {
        const wanted =
          headLength < headerBytes ? headerBytes - headLength : stampLength(chunk, head.length - headLength);
        const copied = chunk.copy(head, headLength, 0, wanted);
        headLength += copied;
        chunk = chunk.subarray(copied);
        if (headLength < headerBytes) break;
        const isWhole = timestamps !== true || (headLength > headerBytes && head[headLength - 1] === space);
        if (!isWhole && headLength < head.length) continue;
        sink = head[0] === 2 ? stderr : stdout;
        remainingBytes = head.readUInt32BE(4) - (headLength - headerBytes);
        time = timestamps === true ? utcTime(head.toString('latin1', headerBytes, headLength - 1)) : '';
        headLength = 0;
        continue;
      }
      const content = chunk.subarray(0, remainingBytes);
      chunk = chunk.subarray(content.length);
      remainingBytes -= content.length;
      const taken = sink(content, time);
      if (taken !== undefined) await taken;
    }
    await onPause?.();
  }
}

/** Bytes of the chunk that belong to the time at its beginning, with the space behind it. */
function stampLength(chunk: Buffer, longest: number): number {
  const end = chunk.subarray(0, longest).indexOf(space);
  return end < 0 ? longest : end + 1;
}

/** The time with nine digits, in UTC, as Docker writes it. */
function utcTime(stamp: string): string {
  if (usualStamp.test(stamp)) return stamp;
  const timeMs = Date.parse(stamp);
  if (Number.isNaN(timeMs)) throw new TypeError(`The engine dates a line of output with "${stamp}".`);
  return new Date(timeMs).toISOString().replace('Z', '000000Z');
}
