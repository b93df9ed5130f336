import type { LogOptions } from './types.ts';

const headerBytes = 8;

/**
 * Takes the engine's multiplexed log stream apart. Each frame has a header of 8 bytes: the stream (1 stdout, 2 stderr),
 * three zeros, and the length as a big-endian 32-bit number (Docker Engine API, "Attach to a container").
 */
export async function readLogFrames(
  source: AsyncIterable<Uint8Array>,
  sinks: Pick<LogOptions, 'stdout' | 'stderr'>,
): Promise<void> {
  let header: Buffer = Buffer.alloc(0);
  let remainingBytes = 0;
  let sink = sinks.stdout;
  for await (const piece of source) {
    let chunk = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    while (chunk.length > 0) {
      if (remainingBytes === 0) {
        const wanted = headerBytes - header.length;
        header = Buffer.concat([header, chunk.subarray(0, wanted)]);
        chunk = chunk.subarray(wanted);
        if (header.length < headerBytes) break;
        sink = header[0] === 2 ? sinks.stderr : sinks.stdout;
        remainingBytes = header.readUInt32BE(4);
        header = Buffer.alloc(0);
        continue;
      }
      const content = chunk.subarray(0, remainingBytes);
      chunk = chunk.subarray(content.length);
      remainingBytes -= content.length;
      await sink(content);
    }
  }
}
