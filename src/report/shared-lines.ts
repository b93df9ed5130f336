import type { LaunchEvent } from '../events.ts';
import { formatDuration } from '../util/format.ts';
import { isNativeChatter } from './native-chatter.ts';
import type { Paint } from './paint.ts';
import { printable, textWidth, wrap } from './text-width.ts';

type EventOf<Type extends LaunchEvent['type']> = Extract<LaunchEvent, { type: Type }>;

/**
 * The lines that look alike in a terminal and in a file, but for their colour.
 * @param columns Tells how wide a line of words may get; infinity in a file.
 */
export function createLines(paint: Paint, columns: () => number) {
  const indent = (mark: string, text: string) => markedLines(mark, text, columns());
  return {
    stepFinished: (event: EventOf<'step-finished'>): string => {
      const duration = paint.faint(formatDuration(event.durationMs));
      return `${paint.good('✓')} ${event.title}${event.reused === true ? paint.faint('  reused') : ''}  ${duration}`;
    },
    stepFailed: (event: EventOf<'step-failed'>): string =>
      `${paint.bad('✗')} ${event.title}  ${paint.faint(formatDuration(event.durationMs))}`,
    notice: (event: EventOf<'notice'>): string[] => indent(`${paint.accent('•')} `, event.text),
    warning: (event: EventOf<'warning'>): string[] => indent(`${paint.warning('! warning:')} `, event.text),
    debug: (event: EventOf<'debug'>): string => paint.faint(`  ${printable(event.text)}`),
    registered: (event: EventOf<'registered'>): string =>
      `${paint.accent('•')} ${event.runName}  ${paint.accent(event.url)}`,
    model: (event: EventOf<'model'>): string =>
      `${paint.good('✓')} model ${event.name} version ${event.version} registered`,
    output: (event: EventOf<'output'>): string[] =>
      event.stream === 'stderr' && isNativeChatter(event.line) ? [] : [paint.faint(printable(event.line))],
    failure: (event: EventOf<'failure'>): string[] => [
      ...indent(`${paint.bad('✗ failed:')} `, event.message),
      ...(event.hint === undefined ? [] : indent(`  ${paint.accent('→')} `, event.hint)),
    ],
  };
}

/** The text after a mark; what does not fit on the line, and further lines of it, stand below, two columns in. */
function markedLines(mark: string, text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    // A line that begins with a space shows something, such as the output of a command: it keeps its form.
    const shown = printable(paragraph);
    const room = columns - (lines.length === 0 ? textWidth(mark) : 2);
    lines.push(...(/^\s/.test(shown) ? [shown] : wrap(shown, room)));
  }
  return lines.map((line, index) => `${index === 0 ? mark : '  '}${line}`);
}
