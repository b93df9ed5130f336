import { describe, expect, it } from 'vitest';
import { readLogFrames } from '../../../src/docker/log-frames.ts';

function frame(stream: 1 | 2, content: string): Buffer {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(Buffer.byteLength(content), 4);
  return Buffer.concat([header, Buffer.from(content)]);
}

async function* chunks(all: Buffer, chunkBytes: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < all.length; start += chunkBytes) yield all.subarray(start, start + chunkBytes);
}

describe('the multiplexed log stream', () => {
  it.each([1, 3, 8, 9, 1000])('is taken apart whatever chunks of %i bytes cut', async (chunkBytes) => {
    const all = Buffer.concat([frame(1, 'eins ✓\n'), frame(2, 'zwei\n'), frame(1, ''), frame(1, 'drei\n')]);
    const written: [string, Buffer][] = [];
    await readLogFrames(chunks(all, chunkBytes), {
      stdout: (chunk) => void written.push(['stdout', chunk]),
      stderr: (chunk) => void written.push(['stderr', chunk]),
    });
    const text = (name: string) =>
      Buffer.concat(written.filter(([stream]) => stream === name).map(([, chunk]) => chunk)).toString();
    expect(text('stdout')).toBe('eins ✓\ndrei\n');
    expect(text('stderr')).toBe('zwei\n');
  });
});
