import { createCommandLine } from './commands/index.ts';
import { ExitCode, errorMessage, SlipwayError } from './errors.ts';

/** The first signal asks politely, the second by force; each tells its name as the reason. */
const polite = new AbortController();
const forced = new AbortController();

/** Someone who stops `make` and all it started says it twice at once: make hands the signal on. */
const ONE_REQUEST_MS = 200;
let firstSignalMs = 0;

function onSignal(name: NodeJS.Signals): void {
  if (!polite.signal.aborted) {
    firstSignalMs = performance.now();
    polite.abort(name);
  } else if (performance.now() - firstSignalMs > ONE_REQUEST_MS) {
    forced.abort(name);
  }
}

process.on('SIGINT', onSignal);
process.on('SIGTERM', onSignal);
// Whoever reads our output may stop reading: that is no failure of the run.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

try {
  process.exitCode = await createCommandLine({ politeStop: polite.signal, forcedStop: forced.signal }).run(
    process.argv.slice(2),
  );
} catch (error) {
  process.exitCode = report(error);
}

/** Says what went wrong in one sentence and what to do; a stack trace only for our own defects or when asked for. */
function report(error: unknown): number {
  if (polite.signal.aborted && error === polite.signal.reason) {
    return polite.signal.reason === 'SIGTERM' ? ExitCode.terminated : ExitCode.interrupted;
  }
  const debug = process.argv.includes('--debug');
  if (error instanceof SlipwayError) {
    process.stderr.write(`slipway: ${error.message}\n`);
    if (error.hint !== undefined) process.stderr.write(`  → ${error.hint}\n`);
    if (debug && error.stack !== undefined) process.stderr.write(`${error.stack}\n`);
    return error.exitCode;
  }
  process.stderr.write(`slipway: internal error: ${errorMessage(error)}\n`);
  if (error instanceof Error && error.stack !== undefined) process.stderr.write(`${error.stack}\n`);
  return ExitCode.internal;
}
