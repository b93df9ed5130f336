import { ExitCode, SlipwayError, UnavailableError } from '../errors.ts';
import { ConnectionError, HttpError } from '../mlflow/index.ts';

/** Failures of a connection that tell of a wrong address, and not of a server that is away. */
const wrongServer: ReadonlySet<ConnectionError['failure']> = new Set(['tls', 'not-http']);

/**
 * Whether an error says that the tracking server is away: nothing answers, or what answers says that it is out of order
 * (429, 5xx). A server that refuses the run is none.
 */
export function isAway(error: unknown): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ConnectionError) return !wrongServer.has(cause.failure);
    if (cause instanceof HttpError) {
      const { status } = cause;
      return status === 429 || (status !== null && status >= 500 && status !== 501);
    }
  }
  return false;
}

/** The error of a run that ends because its server is away, with what would have let it begin. */
export function withOfflineHint(error: unknown): unknown {
  if (!(error instanceof SlipwayError) || !isAway(error)) return error;
  const offlineOk =
    'To launch without it, and have everything sent when it is back: --offline-ok (make: OFFLINE_OK=1).';
  const options = { cause: error, hint: error.hint === undefined ? offlineOk : `${error.hint} ${offlineOk}` };
  return error.exitCode === ExitCode.unavailable
    ? new UnavailableError(error.message, options)
    : new SlipwayError(error.message, { ...options, exitCode: error.exitCode });
}
