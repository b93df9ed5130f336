import type { OnExchange } from '../util/http-exchange.ts';
import { maskSecrets } from '../util/mask-secrets.ts';
import { displayUrl } from './display-url.ts';
import { ConnectionError, HttpError } from './errors.ts';
import type { HttpReply, HttpRequest } from './messages.ts';

/** What one attempt has sent, told by it as soon as it knows. */
export interface Tally {
  sentBytes: number;
}

/** Sends a request once. */
export type Attempt<Body> = (tally: Tally) => Promise<HttpReply<Body>>;

/**
 * The same attempt, of which each call is told with its place in the row of retries. Addresses are told by their path;
 * presigned ones, which lead elsewhere, with their origin and without what signs them.
 */
export function tellingExchanges<Body>(
  request: HttpRequest,
  attempt: Attempt<Body>,
  options: { readonly onExchange?: OnExchange; readonly secrets?: readonly string[] },
): () => Promise<HttpReply<Body>> {
  const { onExchange, secrets = [] } = options;
  if (onExchange === undefined) return () => attempt({ sentBytes: 0 });
  let retry = 0;
  return async () => {
    const tally: Tally = { sentBytes: 0 };
    const startedMs = performance.now();
    const tell = (end: { status: number | null; failure: string | null; receivedBytes: number | null }): void => {
      const durationMs = performance.now() - startedMs;
      const { method } = request;
      onExchange({ method, target: maskSecrets(targetOf(request), secrets), durationMs, ...tally, ...end, retry });
      retry += 1;
    };
    try {
      const reply = await attempt(tally);
      tell({ status: reply.status, failure: null, receivedBytes: bytesOf(reply) });
      return reply;
    } catch (error) {
      if (request.signal?.aborted === true) tell({ status: null, failure: 'given up', receivedBytes: null });
      else tell(endOf(error));
      throw error;
    }
  };
}

function targetOf(request: HttpRequest): string {
  const shown = new URL(displayUrl(request.url, request.isPresigned));
  return request.isPresigned === true ? shown.toString() : `${shown.pathname}${shown.search}`;
}

function bytesOf({ headers, body }: HttpReply<unknown>): number | null {
  if (typeof body === 'string') return Buffer.byteLength(body);
  const length = Number(headers['content-length']);
  return Number.isInteger(length) && headers['content-length'] !== '' ? length : null;
}

function endOf(error: unknown): { status: number | null; failure: string | null; receivedBytes: number | null } {
  if (error instanceof ConnectionError) return { status: null, failure: error.failure, receivedBytes: null };
  if (error instanceof HttpError && error.status !== null) {
    return { status: error.status, failure: null, receivedBytes: Buffer.byteLength(error.body) };
  }
  return { status: null, failure: error instanceof Error ? error.message : String(error), receivedBytes: null };
}
