import { ExitCode, SlipwayError, type SlipwayErrorOptions } from '../errors.ts';

/** What a failed request tells of itself. */
export interface HttpErrorOptions extends SlipwayErrorOptions {
  /** As `GET`. */
  readonly method: string;
  /** Without user info and, for presigned addresses, without the query. */
  readonly url: string;
  /** The HTTP status, or null where no reply came. */
  readonly status: number | null;
  /** The reply's body, at most 64 KiB of it; empty where no reply came. */
  readonly body?: string;
  /** True where sending the same request again may succeed. */
  readonly isRetryable: boolean;
  /** True for a failure that explains nothing (a plain 500): worth a second try, but not waiting for. */
  readonly isUnclear?: boolean;
  /** What the reply's `Retry-After` asks for, or null. */
  readonly retryAfterMs?: number | null;
  /** True where the server certainly did not act on the request. */
  readonly isUnsent?: boolean;
}

/** A request that failed: what was asked, what came back, and whether asking again can help. */
export class HttpError extends SlipwayError {
  /** As `GET`. */
  readonly method: string;
  /** Without user info and, for presigned addresses, without the query. */
  readonly url: string;
  /** The HTTP status, or null where no reply came. */
  readonly status: number | null;
  /** The reply's body, at most 64 KiB of it; empty where no reply came. */
  readonly body: string;
  /** True where sending the same request again may succeed. */
  readonly isRetryable: boolean;
  /** True for a failure that explains nothing (a plain 500): worth a second try, but not waiting for. */
  readonly isUnclear: boolean;
  /** What the reply's `Retry-After` asks for, or null. */
  readonly retryAfterMs: number | null;
  /** True where the server certainly did not act on the request. */
  readonly isUnsent: boolean;

  constructor(message: string, options: HttpErrorOptions) {
    super(message, options);
    this.method = options.method;
    this.url = options.url;
    this.status = options.status;
    this.body = options.body ?? '';
    this.isRetryable = options.isRetryable;
    this.isUnclear = options.isUnclear ?? false;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.isUnsent = options.isUnsent ?? false;
  }
}

/** Why no complete reply came. */
export type ConnectionFailure = 'refused' | 'unknown-host' | 'unreachable' | 'timeout' | 'tls' | 'broken' | 'not-http';

/** No complete reply came from the server. Exit code 69. */
export class ConnectionError extends HttpError {
  /** What went wrong on the way. */
  readonly failure: ConnectionFailure;

  constructor(message: string, failure: ConnectionFailure, options: HttpErrorOptions) {
    super(message, { exitCode: ExitCode.unavailable, ...options });
    this.failure = failure;
  }
}

/** A reply with an error status, before anything is known about the API behind it. */
export interface FailedReply {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly retryAfterMs: number | null;
}

/** The error of a failed reply of an API of which nothing is known (object stores, proxies). */
export function errorOfReply(reply: FailedReply): HttpError {
  const text = reply.body.trim().slice(0, 300);
  return new HttpError(`${reply.method} ${reply.url} answered ${reply.status}${text === '' ? '' : `: ${text}`}.`, {
    ...reply,
    isRetryable: isTransientStatus(reply.status),
    isUnsent: reply.status === 429,
  });
}

/** True for the statuses of an overloaded or restarting server or gateway (520 to 524 are Cloudflare's). */
export function isTransientStatus(status: number): boolean {
  return [408, 425, 429, 502, 503, 504].includes(status) || (status >= 520 && status <= 524);
}
