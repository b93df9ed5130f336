import { readFileSync } from 'node:fs';
import { type OutputStream, outputParts } from '../../src/runs/output-log.ts';

const stamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z $/;
const stampBytes = 25;
const newline = 0x0a;

/** What a program wrote to a stream, from its parts: without the time before each line, to the byte. */
export function keptOutput(logsDirectory: string, stream: OutputStream): Buffer {
  const all = Buffer.concat(outputParts(logsDirectory, stream).map((part) => readFileSync(part)));
  const pieces: Buffer[] = [];
  for (let start = 0; start < all.length; ) {
    const time = all.toString('latin1', start, start + stampBytes);
    if (!stamp.test(time)) throw new Error(`a line of ${stream} begins with ${JSON.stringify(time)}`);
    const end = all.indexOf(newline, start);
    pieces.push(all.subarray(start + stampBytes, end < 0 ? all.length : end + 1));
    start = end < 0 ? all.length : end + 1;
  }
  return Buffer.concat(pieces);
}
