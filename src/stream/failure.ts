import { errorCode, errorMessage, SlipwayError, UsageError } from '../errors.ts';
import { HttpError } from '../mlflow/index.ts';

/**
 * What a failure is about. `request`: this one thing will never be taken. `passing`: the server, the network or the
 * credentials; the same request may succeed later. `unclear`: the server failed over this request in its own way,
 * which may pass (a full disk) or not (a name it cannot store).
 */
export type FailureKind = 'request' | 'passing' | 'unclear';

const refusingStatuses: ReadonlySet<number> = new Set([400, 411, 413, 414, 415, 422, 501]);
const brokenFile: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES', 'EPERM', 'ELOOP']);

export function kindOfFailure(error: unknown): FailureKind {
  if (error instanceof HttpError) {
    if (error.isRetryable || error.status === null) return 'passing';
    if (refusingStatuses.has(error.status)) return 'request';
    return error.status === 500 ? 'unclear' : 'passing';
  }
  if (error instanceof UsageError) return 'request';
  if (!(error instanceof SlipwayError) && brokenFile.has(errorCode(error) ?? '')) return 'request';
  return 'passing';
}

/** One line about a failure, short enough for a terminal. */
export function describeFailure(error: unknown): string {
  return errorMessage(error).split('\n', 1).join('').slice(0, 500);
}
