import type { Readable } from 'node:stream';
import type { RetryPolicy } from './retry.ts';

/** A body that can be sent again: JSON, bytes, or a stream opened anew for each attempt. */
export type HttpBody =
  | { readonly json: unknown }
  | { readonly bytes: Uint8Array | string; readonly contentType: string }
  | { readonly open: () => Readable; readonly byteLength: number; readonly contentType: string };

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: HttpBody;
  /** Whether this request may be sent again; decided for each endpoint. */
  readonly retry: RetryPolicy;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Overrides the client's number of repetitions. */
  readonly maximumRetries?: number;
  /** True where the query is a signature: it is kept out of errors. */
  readonly isPresigned?: boolean;
}

export interface HttpReply<Body> {
  readonly status: number;
  /** Lower-case names; repeated ones joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
}
