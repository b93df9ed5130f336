import { closeSync, fstatSync, readSync } from 'node:fs';
import { type OutputPlace, outputPartNumber, outputParts, parseOutputLine } from '../runs/index.ts';
import { isNativeChatter, openForReading } from '../util/index.ts';
import { shownLine } from './shown-line.ts';

/** A program's last words are among its last lines. */
const readBytes = 16 * 1024;

/** What stands below the sentence itself: the frames of a stack, the end of a block, Node.js's own name. */
const epilogue = /^\s|^[^\p{L}\p{N}]*$|^Node\.js v\d/u;

/**
 * The last line of a program's standard error that may say why it ended; null where it wrote none. Frames of a stack,
 * closing brackets and what native libraries write at every start are passed over.
 * @param start Where the program's output begins: what lies before it is another one's.
 */
export function lastWords(logsDirectory: string, start: OutputPlace = { part: 0, size: 0 }): string | null {
  const parts = outputParts(logsDirectory, 'stderr').filter((path) => outputPartNumber(path) >= start.part);
  let tail = '';
  for (let index = parts.length - 1; index >= 0 && tail.length < readBytes; index -= 1) {
    const path = parts[index]!;
    tail = endOf(path, outputPartNumber(path) === start.part ? start.size : 0) + tail;
  }
  const lines = tail.split('\n').map((line) => shownLine(parseOutputLine(line).text));
  return lines.findLast((line) => !epilogue.test(line) && !isNativeChatter(line))?.trimEnd() ?? null;
}

function endOf(file: string, start: number): string {
  const descriptor = openForReading(file);
  if (descriptor === null) return '';
  try {
    const { size } = fstatSync(descriptor);
    const bytes = Buffer.alloc(Math.min(Math.max(0, size - start), readBytes));
    const length = readSync(descriptor, bytes, 0, bytes.length, size - bytes.length);
    return bytes.subarray(0, length).toString('utf8');
  } finally {
    closeSync(descriptor);
  }
}
