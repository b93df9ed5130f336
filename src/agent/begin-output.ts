import { closeSync, fstatSync, ftruncateSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import {
  attemptMarker,
  type OutputPlace,
  type OutputStream,
  outputLine,
  outputPartName,
  outputPartNumber,
  outputParts,
} from '../runs/index.ts';
import { openForAppend } from '../util/index.ts';
import type { RunContext } from './run-context.ts';

/**
 * Begins a part of a stream's output for a later attempt, with the line that tells the attempt; returns where its own
 * output begins. Repeatable. Throws CannotWriteError where the program has put something else in a part's place.
 */
export function beginOutput({ plan, paths }: RunContext, stream: OutputStream): OutputPlace {
  const marker = Buffer.from(`${outputLine(plan.resumedAtMs ?? 0, attemptMarker(plan))}\n`);
  const last = outputParts(paths.logs, stream).at(-1);
  const number = last === undefined ? -1 : outputPartNumber(last);
  if (last !== undefined && withPart(last, (descriptor) => beginsWith(descriptor, marker))) {
    return { part: number, size: marker.length };
  }
  if (last !== undefined) withPart(last, endLine);
  withPart(join(paths.logs, outputPartName(stream, number + 1)), (descriptor) => writeSync(descriptor, marker));
  return { part: number + 1, size: marker.length };
}

/** Whether the part begins with the line; of one that a kill has torn the rest is written. */
function beginsWith(descriptor: number, line: Buffer): boolean {
  const start = Buffer.alloc(line.length);
  const length = readSync(descriptor, start, 0, start.length, 0);
  if (!line.subarray(0, length).equals(start.subarray(0, length))) return false;
  if (length === line.length) return true;
  ftruncateSync(descriptor, 0);
  writeSync(descriptor, line);
  return true;
}

/** A part whose last line has no end is one that goes on in the next part: this one does not. */
function endLine(descriptor: number): void {
  const { size } = fstatSync(descriptor);
  const last = Buffer.alloc(1);
  if (size > 0 && readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a) writeSync(descriptor, '\n');
}

function withPart<Result>(path: string, work: (descriptor: number) => Result): Result {
  const descriptor = openForAppend(path);
  try {
    return work(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
