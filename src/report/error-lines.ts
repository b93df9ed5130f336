import type { Paint } from './paint.ts';
import { markedLines, printable } from './text-width.ts';

/**
 * What went wrong, and below it what to do, as every verb and every run shows them.
 * @param columns How wide a line of words may get; infinity in a file. Commands in backticks are never broken.
 */
export function errorLines(message: string, hint: string | undefined, paint: Paint, columns: number): string[] {
  const lines = markedLines(`${paint.bad('✗')} `, message, columns);
  if (hint === undefined) return lines;
  const mark = `  ${paint.accent('→')} `;
  // A hint that is nothing but a command is shown as it must be typed.
  const command = /^`([^`]*)`$/.exec(hint)?.[1];
  if (command !== undefined) return [...lines, `${mark}${printable(command)}`];
  return [...lines, ...markedLines(mark, hint, columns).map((line, index) => (index === 0 ? line : `  ${line}`))];
}
