import { createReporter, type Reporter } from '../report/index.ts';

const plainColumns = 100;

/** The look that fits where the output goes: `--json`, a terminal, or plain lines. */
export function openReporter(
  given: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
): Reporter {
  const { stdout, stderr } = process;
  const terminal = stderr.isTTY === true && environment.TERM !== 'dumb' && given.color !== false;
  return createReporter({
    mode: given.json === true ? 'json' : terminal ? 'terminal' : 'plain',
    stdout,
    stderr,
    color: given.color === true || (terminal && !environment.NO_COLOR),
    columns: stderr.columns ?? plainColumns,
  });
}
