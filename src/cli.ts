import { createCommandLine } from './commands/index.ts';
import { CannotWriteError, ExitCode, errorCode, errorMessage } from './errors.ts';

/** The first signal asks politely, the second by force; each tells its name as the reason. */
const polite = new AbortController();
const forced = new AbortController();

/** Someone who stops `make` and all it started says it twice at once: make hands the signal on. */
const oneRequestMs = 200;
let firstSignalMs = 0;

function onSignal(name: NodeJS.Signals): void {
  if (!polite.signal.aborted) {
    firstSignalMs = performance.now();
    polite.abort(name);
  } else if (performance.now() - firstSignalMs > oneRequestMs) {
    forced.abort(name);
  }
}

process.on('SIGINT', onSignal);
process.on('SIGTERM', onSignal);
// Whoever reads our output may stop reading: that is no failure of the run. An answer that a full disk swallowed is one.
let lost: unknown;
process.stdout.on('error', (error) => {
  if (!['EPIPE', 'ERR_STREAM_DESTROYED'].includes(errorCode(error) ?? '')) lost ??= error;
});
process.stderr.on('error', () => {});

try {
  process.exitCode = await createCommandLine({ politeStop: polite.signal, forcedStop: forced.signal }).run(
    process.argv.slice(2),
  );
  // The error of a write is told a moment after it.
  await new Promise(setImmediate);
  if (lost !== undefined && process.exitCode === ExitCode.ok) {
    const message = `Standard output could not be written: ${errorMessage(lost)}.`;
    throw new CannotWriteError(message, { cause: lost, hint: 'Is its disk full?' });
  }
} catch (error) {
  process.exitCode = await report(error);
}

/** The exit code for what went wrong, which is told unless it is no more than the answer to a signal. */
async function report(error: unknown): Promise<number> {
  if (polite.signal.aborted && error === polite.signal.reason) {
    return polite.signal.reason === 'SIGTERM' ? ExitCode.terminated : ExitCode.interrupted;
  }
  // What it takes to tell an error is not loaded where there is none.
  const { showError } = await import('./commands/show-error.ts');
  return showError(error, process.argv.slice(2));
}
