import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { OnExchange } from '../util/http-exchange.ts';
import { maskSecrets } from '../util/mask-secrets.ts';
import { connectionError, isFileError } from './connection-error.ts';
import { type DispatcherOptions, Dispatchers } from './dispatchers.ts';
import { displayUrl } from './display-url.ts';
import { errorOfReply, type FailedReply, HttpError } from './errors.ts';
import type { HttpBody, HttpReply, HttpRequest } from './messages.ts';
import { defaultRetryRules, parseRetryAfter, type RetryRules, withRetry } from './retry.ts';
import { type Attempt, type Tally, tellingExchanges } from './tell-exchanges.ts';
import { loadUndici, type UndiciParts } from './undici.ts';

export interface HttpClientOptions extends DispatcherOptions {
  readonly retry?: Partial<RetryRules>;
  /** How long the server may be silent: before its reply, and within it. */
  readonly timeoutMs?: number;
  /** Texts that must never appear in an error. */
  readonly secrets?: readonly string[];
  /** Hears of every request, of one with a stream when the head of its reply has come. */
  readonly onExchange?: OnExchange;
  /** Makes the error of a reply with a status of 300 or more. */
  readonly errorOfReply?: (reply: FailedReply) => HttpError;
}

const largestErrorBytes = 64 * 1024;
const largestReplyBytes = 256 * 1024 * 1024;

/** An HTTP client with kept connections, retry by rule, and errors that tell the whole story. */
export class HttpClient {
  readonly #options: HttpClientOptions;
  readonly #rules: RetryRules;
  #parts: UndiciParts | undefined;
  #dispatchers: Dispatchers | undefined;

  constructor(options: HttpClientOptions = {}) {
    this.#options = options;
    this.#rules = { ...defaultRetryRules, ...options.retry };
  }

  /** Sends a request and reads the reply as text; a reply that breaks off is asked for again. */
  async requestText(request: HttpRequest): Promise<HttpReply<string>> {
    return this.#withRetry(request, async (tally) => {
      const { status, headers, body } = await this.#send(request, tally);
      return { status, headers, body: await this.#readText(request, body, largestReplyBytes) };
    });
  }

  /** Sends a request and hands over the reply's stream once its head has come; the caller reads or destroys it. */
  async requestStream(request: HttpRequest): Promise<HttpReply<Readable>> {
    return this.#withRetry(request, (tally) => this.#send(request, tally));
  }

  /** Repeats a piece of work that is safe to repeat, by this client's rules. */
  repeat<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return withRetry(work, 'safe', this.#rules, signal);
  }

  /** The error of a reply's stream that broke off, for callers of `requestStream`. */
  streamError(request: HttpRequest, error: unknown): HttpError {
    request.signal?.throwIfAborted();
    return connectionError(error, request.method, displayUrl(request.url, request.isPresigned));
  }

  /** Closes all connections at once. */
  async close(): Promise<void> {
    await this.#dispatchers?.destroy();
  }

  #withRetry<Body>(request: HttpRequest, attempt: Attempt<Body>): Promise<HttpReply<Body>> {
    const maximumRetries = request.maximumRetries ?? this.#rules.maximumRetries;
    const told = tellingExchanges(request, attempt, this.#options);
    return withRetry(told, request.retry, { ...this.#rules, maximumRetries }, request.signal);
  }

  async #send(request: HttpRequest, tally: Tally): Promise<HttpReply<Readable>> {
    const url = new URL(request.url);
    const timeoutMs = request.timeoutMs ?? this.#options.timeoutMs ?? 120_000;
    const { body, headers: bodyHeaders, byteLength } = encodeBody(request.body);
    tally.sentBytes = byteLength;
    let reply: Dispatcher.ResponseData;
    try {
      this.#parts ??= loadUndici();
      this.#dispatchers ??= new Dispatchers(this.#parts, this.#options);
      reply = await this.#parts.request.call(this.#dispatchers.for(url), {
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: request.method,
        headers: { 'user-agent': 'slipway', accept: '*/*', ...bodyHeaders, ...request.headers },
        body,
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      });
    } catch (error) {
      if (request.body !== undefined && 'open' in request.body && isFileError(error)) throw error;
      throw this.streamError(request, error);
    }
    const headers = flatHeaders(reply.headers);
    if (reply.statusCode < 300) return { status: reply.statusCode, headers, body: reply.body };
    throw await this.#replyError(request, reply.statusCode, headers, reply.body);
  }

  async #replyError(
    request: HttpRequest,
    status: number,
    headers: Readonly<Record<string, string>>,
    stream: Readable,
  ): Promise<HttpError> {
    const secrets = this.#options.secrets ?? [];
    const body = maskSecrets(await this.#readText(request, stream, largestErrorBytes, 'cut'), secrets);
    const url = maskSecrets(displayUrl(request.url, request.isPresigned), secrets);
    const retryAfterMs = parseRetryAfter(headers['retry-after']);
    const toError = request.isPresigned === true ? errorOfReply : (this.#options.errorOfReply ?? errorOfReply);
    return toError({ method: request.method, url, status, headers, body, retryAfterMs });
  }

  async #readText(request: HttpRequest, stream: Readable, limit: number, excess?: 'cut'): Promise<string> {
    const chunks: Buffer[] = [];
    let length = 0;
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        chunks.push(chunk);
        length += chunk.length;
        if (length > limit) break;
      }
    } catch (error) {
      throw this.streamError(request, error);
    }
    if (length > limit && excess !== 'cut') throw this.#tooLarge(request, limit);
    return Buffer.concat(chunks).subarray(0, limit).toString('utf8');
  }

  #tooLarge(request: HttpRequest, limit: number): HttpError {
    const url = displayUrl(request.url, request.isPresigned);
    const text = `${request.method} ${url} answered with more than ${limit / 1024 / 1024} MiB.`;
    return new HttpError(text, { method: request.method, url, status: null, isRetryable: false });
  }
}

function encodeBody(body: HttpBody | undefined): {
  body: string | Uint8Array | Readable | null;
  headers: Record<string, string>;
  byteLength: number;
} {
  if (body === undefined) return { body: null, headers: {}, byteLength: 0 };
  if ('json' in body) {
    const text = JSON.stringify(body.json);
    return { body: text, headers: { 'content-type': 'application/json' }, byteLength: Buffer.byteLength(text) };
  }
  if ('bytes' in body) {
    const byteLength = Buffer.byteLength(body.bytes);
    return { body: body.bytes, headers: { 'content-type': body.contentType }, byteLength };
  }
  const { byteLength } = body;
  const headers = { 'content-type': body.contentType, 'content-length': String(byteLength) };
  // Some servers store nothing where a body of no bytes comes as a stream.
  return { body: byteLength === 0 ? '' : body.open(), headers, byteLength };
}

function flatHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const entries = Object.entries(headers).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : String(value)]),
  );
}
