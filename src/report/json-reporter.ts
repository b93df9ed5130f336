import { type LaunchEvent, launchEventLine } from '../events.ts';
import { isShown, type Verbosity } from '../util/verbosity.ts';
import type { Reporter, ReporterOptions } from './reporter.ts';

/** The events that are not for everyone, and from which level on they are; all others are told to all who are not quiet. */
const levels: Partial<Record<LaunchEvent['type'], Verbosity>> = {
  warning: 'quiet',
  failure: 'quiet',
  result: 'quiet',
  detail: 'verbose',
  debug: 'debug',
};

/** Every event as one JSON object a line on stdout, and nothing else there. */
export function createJsonReporter({ stdout, verbosity = 'normal' }: ReporterOptions): Reporter {
  return {
    sink: (event) => {
      if (isShown(levels[event.type] ?? 'normal', verbosity)) stdout.write(`${launchEventLine(event)}\n`);
    },
    close: () => {},
  };
}
