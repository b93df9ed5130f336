import { closeSync, fstatSync, readSync } from 'node:fs';
import { type OutputLine, outputParts, parseOutputLine } from '../runs/output-log.ts';
import { openForReading } from '../util/index.ts';
import { cutText } from './cut-text.ts';
import { shownLine } from './shown-line.ts';

/** So much of a stream's end is looked at. */
const readBytes = 64 * 1024;
/** A line that is longer is cut. */
const longestLine = 500;

export interface LastLinesOptions {
  /** How many lines at most. */
  readonly count: number;
  /** Characters of all of them together. */
  readonly longest: number;
}

/**
 * The last lines of a program's output, as text without escape sequences: of both streams in the order of their times, or
 * of standard error alone where times are not known and it has any. Lines of earlier attempts are none of it. Null where
 * there is no output.
 */
export function lastLines(logsDirectory: string, { count, longest }: LastLinesOptions): string | null {
  const stderr = lastOf(logsDirectory, 'stderr');
  const stdout = lastOf(logsDirectory, 'stdout');
  const all = [...stdout, ...stderr];
  const lines = all.every(({ timeMs }) => timeMs !== null)
    ? all.sort((one, other) => (one.timeMs ?? 0) - (other.timeMs ?? 0))
    : stderr.length > 0
      ? stderr
      : stdout;
  const kept: string[] = [];
  let length = 0;
  for (const { text } of lines.slice(-count).reverse()) {
    const shown = cutText(text, longestLine);
    length += shown.length + 1;
    if (length > longest) break;
    kept.unshift(shown);
  }
  return kept.length === 0 ? null : kept.join('\n');
}

/** The line that begins an attempt: what stands before it is of another program. */
const attemptLine = /^--- run \S+, attempt \d+, /;

function lastOf(logsDirectory: string, stream: 'stdout' | 'stderr'): OutputLine[] {
  const parts = outputParts(logsDirectory, stream);
  // A part that has just been begun holds too little.
  let text = '';
  for (const part of parts.reverse()) {
    text = `${tail(part, readBytes - text.length)}${text}`;
    if (text.length >= readBytes) break;
  }
  const lines = text.split('\n').map(parseOutputLine);
  const start = lines.findLastIndex((line) => attemptLine.test(line.text));
  return lines
    .slice(start + 1)
    .map(({ timeMs, text: line }) => ({ timeMs, text: shownLine(line).trimEnd() }))
    .filter(({ text: line }) => line.trim() !== '');
}

/** The end of a file, at most so many bytes, from the beginning of a line. */
function tail(file: string, length: number): string {
  const descriptor = length <= 0 ? null : openForReading(file);
  if (descriptor === null) return '';
  try {
    const { size } = fstatSync(descriptor);
    const start = Math.max(0, size - length);
    const bytes = Buffer.alloc(size - start);
    const read = readSync(descriptor, bytes, 0, bytes.length, start);
    const text = bytes.subarray(0, read).toString('utf8');
    return start === 0 ? text : text.slice(text.indexOf('\n') + 1);
  } finally {
    closeSync(descriptor);
  }
}
