import type { LaunchEvent } from '../events.ts';
import { formatDuration } from '../util/format.ts';
import { isNativeChatter } from '../util/native-chatter.ts';
import type { Verbosity } from '../util/verbosity.ts';
import { isShown } from '../util/verbosity.ts';
import { errorLines } from './error-lines.ts';
import type { Look } from './look.ts';
import { markedLines, printable, textWidth, wrap } from './text-width.ts';

type EventOf<Type extends LaunchEvent['type']> = Extract<LaunchEvent, { type: Type }>;

/**
 * The lines that look alike in a terminal and in a file, but for their colour.
 * @param columns Tells how wide a line of words may get; infinity in a file.
 * @param named Gives commands the name by which the program was started.
 */
export function createLines(
  look: Look,
  columns: () => number,
  verbosity: Verbosity,
  named: (text: string) => string = (text) => text,
) {
  const { paint, link, hasLinks } = look;
  const indent = (mark: string, text: string) => markedLines(mark, text, columns());
  const faint = (text: string) => markedLines('  ', text, columns()).map(paint.faint);
  return {
    stepFinished: (event: EventOf<'step-finished'>): string => {
      const duration = paint.faint(formatDuration(event.durationMs));
      return `${paint.good('✓')} ${event.title}${event.reused === true ? paint.faint('  reused') : ''}  ${duration}`;
    },
    stepFailed: (event: EventOf<'step-failed'>): string =>
      `${paint.bad('✗')} ${event.title}  ${paint.faint(formatDuration(event.durationMs))}`,
    /** A line of a step for someone who reads all of them; the first word of its title tells steps of one time apart. */
    stepLine: (title: string, event: EventOf<'step-progress'>): string[] =>
      [event.line ?? event.text].map((line) => paint.faint(`  ${title.split(' ')[0]} │ ${printable(line)}`)),
    notice: (event: EventOf<'notice'>): string[] => indent(`${paint.accent('•')} `, event.text),
    warning: (event: EventOf<'warning'>): string[] => indent(`${paint.warning('! warning:')} `, event.text),
    detail: (event: EventOf<'detail'>): string[] => (isShown('verbose', verbosity) ? faint(event.text) : []),
    debug: (event: EventOf<'debug'>): string[] => (isShown('debug', verbosity) ? faint(event.text) : []),
    registered: (event: EventOf<'registered'>): string[] => {
      const mark = `${paint.accent('•')} `;
      if (hasLinks) return [`${mark}${link(`${event.runName} on ${new URL(event.url).origin}`, event.url)}`];
      const name = `${mark}${event.runName}`;
      // An address is of use only in one piece.
      return textWidth(name) + 2 + textWidth(event.url) <= columns()
        ? [`${name}  ${paint.accent(event.url)}`]
        : [name, `  ${paint.accent(event.url)}`];
    },
    model: (event: EventOf<'model'>): string =>
      `${paint.good('✓')} model ${event.name} version ${event.version} registered`,
    output: (event: EventOf<'output'>): string[] => {
      const isChatter = event.stream === 'stderr' && isNativeChatter(event.line);
      return isChatter && !isShown('verbose', verbosity)
        ? []
        : outputLines(printable(event.line), columns()).map(paint.faint);
    },
    // Named here, too: a hint that is a command alone loses the backticks by which commands are found later.
    failure: ({ message, hint }: EventOf<'failure'>): string[] =>
      errorLines(named(message), hint === undefined ? undefined : named(hint), paint, columns()),
  };
}

/** Sentences of a program are wrapped; what stands in columns, or is set in, keeps its form. */
function outputLines(line: string, columns: number): string[] {
  return /^\s|\s{2}|\s\|\s/.test(line.trimEnd()) ? [line] : wrap(line, columns);
}
