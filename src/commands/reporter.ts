import { fstatSync } from 'node:fs';
import { createReporter, type Reporter } from '../report/index.ts';

const plainColumns = 100;

/** The look that fits where the output goes: `--json`, a terminal, or plain lines. */
export function openReporter(
  given: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
): Reporter {
  const { stdout, stderr } = process;
  const terminal = stderr.isTTY === true && environment.TERM !== 'dumb';
  return createReporter({
    mode: given.json === true ? 'json' : terminal ? 'terminal' : 'plain',
    stdout,
    stderr,
    color: typeof given.color === 'boolean' ? given.color : terminal && !environment.NO_COLOR,
    columns: stderr.columns ?? plainColumns,
    sharesDestination: haveOneDestination(),
  });
}

/** Whether stdout and stderr are the same terminal, file or pipe. */
function haveOneDestination(): boolean {
  const [stdout, stderr] = [fstatSync(1), fstatSync(2)];
  return stdout.dev === stderr.dev && stdout.ino === stderr.ino;
}
