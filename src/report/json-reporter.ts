import { launchEventLine } from '../events.ts';
import type { Reporter, ReporterOptions } from './reporter.ts';

/** Every event as one JSON object a line on stdout, and nothing else there. */
export function createJsonReporter(options: ReporterOptions): Reporter {
  return {
    sink: (event) => {
      const quiet = options.quiet === true && !/^(warning|failure|result)$/.test(event.type);
      if (!quiet) options.stdout.write(`${launchEventLine(event)}\n`);
    },
    close: () => {},
  };
}
