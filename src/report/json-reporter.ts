import type { Reporter, ReporterOptions } from './reporter.ts';

/** Every event as one JSON object a line on stdout, and nothing else there. */
export function createJsonReporter(options: ReporterOptions): Reporter {
  return {
    sink: (event) => {
      const quiet = options.quiet === true && !/^(warning|failure|result)$/.test(event.type);
      if (!quiet) options.stdout.write(`${JSON.stringify(event, nonFinite)}\n`);
    },
    close: () => {},
  };
}

/** JSON has no such numbers; they are spelled as in the run log. */
function nonFinite(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
