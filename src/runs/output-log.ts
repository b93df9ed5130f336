import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { errorCode } from '../errors.ts';

/** A line of a program's output as it is kept. */
export interface OutputLine {
  /** When it was written, milliseconds since 1970; null of a line that was kept without its time. */
  readonly timeMs: number | null;
  readonly text: string;
}

/** The two streams of a program's output. */
export type OutputStream = 'stdout' | 'stderr';

export const outputStreams: readonly OutputStream[] = ['stdout', 'stderr'];

/** A place in the parts of a stream. */
export interface OutputPlace {
  /** Number of the part. */
  readonly part: number;
  /** Bytes of it that lie before the place. */
  readonly size: number;
}

const stamp = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) /;

/** A line as it stands in an output file, without its end: UTC time to the millisecond, a space, the text. */
export function outputLine(timeMs: number, text: string): string {
  return `${new Date(timeMs).toISOString()} ${text}`;
}

/** The inverse of `outputLine`; a line without a time is all text. */
export function parseOutputLine(line: string): OutputLine {
  const time = stamp.exec(line)?.[1];
  return time === undefined
    ? { timeMs: null, text: line }
    : { timeMs: Date.parse(time), text: line.slice(time.length + 1) };
}

/** The name of a part of a stream's output: `stdout.log`, then `stdout.1.log` and so on. Parts are never renamed. */
export function outputPartName(stream: OutputStream, part: number): string {
  return part === 0 ? `${stream}.log` : `${stream}.${part}.log`;
}

/** The inverse of `outputPartName`, of a path too. */
export function outputPartNumber(path: string): number {
  return Number(/\.(\d+)\.log$/.exec(basename(path))?.[1] ?? 0);
}

/** The parts of a stream's output that are there, in order, as absolute paths; a folder that is missing has none. */
export function outputParts(logsDirectory: string, stream: OutputStream): string[] {
  const pattern = new RegExp(`^${stream}(?:\\.([1-9]\\d*))?\\.log$`);
  let names: string[];
  try {
    names = readdirSync(logsDirectory);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
  const numbers = names.flatMap((name) => {
    const found = pattern.exec(name);
    return found === null ? [] : [Number(found[1] ?? 0)];
  });
  return numbers.sort((one, other) => one - other).map((part) => join(logsDirectory, outputPartName(stream, part)));
}
