import { z } from 'zod';
import { ExitCode } from '../errors.ts';
import { type FailedReply, HttpError, type HttpErrorOptions, isTransientStatus } from '../http/index.ts';

/** A call the tracking server answered with an error, or with something that is not MLflow's. */
export class MlflowApiError extends HttpError {
  /** MLflow's own code (`RESOURCE_DOES_NOT_EXIST`), or null where the reply had none. */
  readonly errorCode: string | null;

  constructor(message: string, options: HttpErrorOptions & { readonly errorCode: string | null }) {
    super(message, { exitCode: ExitCode.unavailable, ...options });
    this.errorCode = options.errorCode;
  }
}

const errorBody = z.object({
  error_code: z.union([z.string(), z.number()]).nullish(),
  message: z.string().nullish(),
  detail: z.string().nullish(),
});

/** Failures of the database that pass by themselves, which MLflow reports as 400 BAD_REQUEST with SQLAlchemy's text. */
const passingDatabaseFailure = /QueuePool limit|database is locked|[Dd]eadlock/;

/** The error of a failed reply of the tracking server. */
export function mlflowErrorOfReply(reply: FailedReply): MlflowApiError {
  const parsed = parseBody(reply.body);
  const errorCode = parsed?.error_code == null ? null : String(parsed.error_code);
  const text = parsed?.message ?? parsed?.detail ?? plainText(reply);
  const code = errorCode === null ? '' : ` ${errorCode}`;
  return new MlflowApiError(`${reply.method} ${reply.url} answered ${reply.status}${code}: ${text}`, {
    ...reply,
    errorCode,
    isRetryable: isRetryable(reply),
    isUnclear: isUnclear(reply, errorCode),
    isUnsent: reply.status === 429,
    ...hintOf(reply),
  });
}

/** True for an answer that says the thing asked for is not there. */
export function isNotFound(error: unknown): boolean {
  return error instanceof MlflowApiError && error.errorCode === 'RESOURCE_DOES_NOT_EXIST';
}

/** True for an answer that says the thing to be made is there already. */
export function isAlreadyThere(error: unknown): boolean {
  return (
    error instanceof MlflowApiError &&
    (error.errorCode === 'RESOURCE_ALREADY_EXISTS' || error.errorCode === 'ALREADY_EXISTS')
  );
}

/** True where this server has no such call: an unknown route, or one that its version does not implement. */
export function isMissingEndpoint(error: unknown): boolean {
  if (!(error instanceof HttpError)) return false;
  if (error.status === 405 || error.status === 501) return true;
  const code = error instanceof MlflowApiError ? error.errorCode : null;
  return error.status === 404 && (code === null || code === 'ENDPOINT_NOT_FOUND');
}

function isRetryable(reply: FailedReply): boolean {
  // A route that the server was started without answers 503 for ever.
  if (reply.status === 503) return !/disabled/i.test(reply.body);
  if (reply.status === 400) return passingDatabaseFailure.test(reply.body);
  return isTransientStatus(reply.status);
}

/** A 500 of the API may be a hiccup or last for ever; one of the artifact service is a name it cannot store. */
function isUnclear(reply: FailedReply, errorCode: string | null): boolean {
  if (reply.status !== 500 || reply.url.includes('/mlflow-artifacts/')) return false;
  return errorCode === null || errorCode === 'INTERNAL_ERROR';
}

function hintOf(reply: FailedReply): { hint?: string } {
  if (reply.status === 401) {
    return {
      hint: 'Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, to what the server accepts.',
    };
  }
  if (reply.status === 413) return { hint: 'A proxy before the server limits the size of a request: raise its limit.' };
  if (reply.status >= 300 && reply.status < 400) {
    const location = reply.headers.location;
    return { hint: `Redirects are not followed; use the address it points to${location ? ` (${location})` : ''}.` };
  }
  return {};
}

function parseBody(body: string): z.infer<typeof errorBody> | undefined {
  if (!body.trimStart().startsWith('{')) return undefined;
  try {
    return errorBody.safeParse(JSON.parse(body)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function plainText(reply: FailedReply): string {
  const isHtml = /<html|<!doctype/i.test(reply.body.slice(0, 500));
  if (isHtml) return /<title>([^<]*)<\/title>/i.exec(reply.body)?.[1]?.trim() || 'a page of HTML';
  return reply.body.trim().slice(0, 300) || 'no text';
}
