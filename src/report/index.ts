import { maskSecrets } from '../util/mask-secrets.ts';
import { asciiOnly, rewriting } from './ascii.ts';
import { createJsonReporter } from './json-reporter.ts';
import { createPlainReporter } from './plain-reporter.ts';
import type { Reporter, ReporterOptions } from './reporter.ts';
import { createTerminalReporter } from './terminal-reporter.ts';

export { type NextStep, type NextStepContext, nextStep } from './next-step.ts';
export type { Reporter, ReporterOptions } from './reporter.ts';

/** The reporter of a look; whatever it writes, no secret is in it, and nothing that the locale cannot show. */
export function createReporter(options: ReporterOptions): Reporter {
  const { secrets = [], mode, looks, rewrite: named = (text: string) => text } = options;
  const rewrite = (isUnicode: boolean) => (text: string) => {
    const masked = secrets.length === 0 ? text : maskSecrets(text, secrets);
    if (mode === 'json') return masked;
    return isUnicode ? named(masked) : asciiOnly(named(masked));
  };
  const rewritten: ReporterOptions = {
    ...options,
    stdout: rewriting(options.stdout, rewrite(looks.stdout.isUnicode)),
    stderr: rewriting(options.stderr, rewrite(looks.stderr.isUnicode)),
  };
  switch (mode) {
    case 'json':
      return createJsonReporter(rewritten);
    case 'terminal':
      return createTerminalReporter(rewritten);
    case 'plain':
      return createPlainReporter(rewritten);
  }
}
