import { createJsonReporter } from './json-reporter.ts';
import type { ReportStream } from './live-screen.ts';
import { maskSecrets } from './mask-secrets.ts';
import { createPlainReporter } from './plain-reporter.ts';
import type { Reporter, ReporterOptions } from './reporter.ts';
import { createTerminalReporter } from './terminal-reporter.ts';

export { maskSecrets } from './mask-secrets.ts';
export type { Reporter, ReporterOptions } from './reporter.ts';

/** The reporter of a look; whatever it writes, no secret is in it. */
export function createReporter(options: ReporterOptions): Reporter {
  const { secrets = [] } = options;
  const masked: ReporterOptions =
    secrets.length === 0
      ? options
      : { ...options, stdout: masking(options.stdout, secrets), stderr: masking(options.stderr, secrets) };
  switch (options.mode) {
    case 'json':
      return createJsonReporter(masked);
    case 'terminal':
      return createTerminalReporter(masked);
    case 'plain':
      return createPlainReporter(masked);
  }
}

function masking(stream: ReportStream, secrets: readonly string[]): ReportStream {
  return {
    write: (text) => stream.write(maskSecrets(text, secrets)),
    get columns() {
      return stream.columns;
    },
    get isTTY() {
      return stream.isTTY;
    },
  };
}
