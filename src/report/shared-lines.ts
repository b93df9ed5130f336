import type { LaunchEvent } from '../events.ts';
import { formatDuration } from '../util/format.ts';
import type { Paint } from './paint.ts';
import { printable } from './text-width.ts';

type EventOf<Type extends LaunchEvent['type']> = Extract<LaunchEvent, { type: Type }>;

/** The lines that look alike in a terminal and in a file, but for their colour. */
export function createLines(paint: Paint) {
  return {
    stepFinished: (event: EventOf<'step-finished'>): string => {
      const duration = paint.faint(formatDuration(event.durationMs));
      return `${paint.good('✓')} ${event.title}${event.reused === true ? paint.faint('  reused') : ''}  ${duration}`;
    },
    stepFailed: (event: EventOf<'step-failed'>): string =>
      `${paint.bad('✗')} ${event.title}  ${paint.faint(formatDuration(event.durationMs))}`,
    notice: (event: EventOf<'notice'>): string[] => indent(`${paint.accent('•')} `, event.text),
    warning: (event: EventOf<'warning'>): string[] => indent(`${paint.warning('! warning:')} `, event.text),
    registered: (event: EventOf<'registered'>): string =>
      `${paint.accent('•')} ${event.runName}  ${paint.accent(event.url)}`,
    model: (event: EventOf<'model'>): string =>
      `${paint.good('✓')} model ${event.name} version ${event.version} registered`,
    failure: (event: EventOf<'failure'>): string[] => [
      ...indent(`${paint.bad('✗ failed:')} `, event.message),
      ...(event.hint === undefined ? [] : indent(`  ${paint.accent('→')} `, event.hint)),
    ],
  };
}

/** The text after a mark; further lines of it stand below, two columns in. */
function indent(mark: string, text: string): string[] {
  return text.split('\n').map((line, index) => (index === 0 ? `${mark}${printable(line)}` : `  ${printable(line)}`));
}
