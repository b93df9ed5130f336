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

/** Codes of a store on this machine that takes nothing: read-only, full, or over a quota. */
const closedStore: ReadonlySet<string> = new Set(['EROFS', 'ENOSPC', 'EDQUOT']);

/**
 * What a failure of an upload is about. A store that refuses (403, 404, 405, 409 …), is full or read-only may be mended
 * soon, or never: nobody should wait for it for ever. A login that has run out (401) is waited for.
 */
export function kindOfUploadFailure(error: unknown): FailureKind {
  const kind = kindOfFailure(error);
  if (kind !== 'passing') return kind;
  if (closedStore.has(errorCode(error) ?? errorCode((error as Error).cause) ?? '')) return 'unclear';
  if (!(error instanceof HttpError) || error.isRetryable || error.status === null) return kind;
  return error.status >= 400 && error.status < 500 && error.status !== 401 ? 'unclear' : kind;
}

/** One line about a failure, short enough for a terminal. */
export function describeFailure(error: unknown): string {
  return errorMessage(error).split('\n', 1).join('').slice(0, 500);
}
