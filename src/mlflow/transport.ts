import { z } from 'zod';
import type { SlipwayError } from '../errors.ts';
import { HttpClient, type HttpRequest, type RetryPolicy, type RetryRules } from '../http/index.ts';
import type { OnExchange } from '../util/http-exchange.ts';
import { maskSecrets } from '../util/mask-secrets.ts';
import { MlflowApiError, mlflowErrorOfReply } from './errors.ts';
import { connectionSettings, type Environment } from './settings.ts';
import { parseTrackingUri } from './tracking-uri.ts';
import type { CallOptions } from './types.ts';

/** Where a server is and how to speak to it. */
export interface MlflowTransportOptions {
  /** Its address, `http://` or `https://`; may hold a login and a path. */
  readonly trackingUri: string;
  /** MLflow's own variables, such as `process.env`; none by default. */
  readonly environment?: Environment;
  /** How long the server may be silent; 120,000 by default. */
  readonly timeoutMs?: number;
  /** How a request is repeated after a failure that may pass. */
  readonly retry?: Partial<RetryRules>;
  /**
   * What must never reach the server, whoever sends it: masked in values, descriptions and names of runs. A
   * list that grows is masked as it has grown.
   * @internal
   */
  readonly maskedTexts?: readonly string[];
  /** Hears of every request, without secrets. */
  readonly onExchange?: OnExchange;
}

type QueryValue = string | number | boolean | readonly string[] | undefined;

export interface MlflowCall<Schema extends z.ZodType> {
  readonly method: HttpRequest['method'];
  /** Below the tracking URI, from `/`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, QueryValue>>;
  readonly body?: unknown;
  readonly retry: RetryPolicy;
  readonly reply: Schema;
}

/** One server: its address, the headers every request carries, and calls whose replies are checked. */
export class MlflowTransport {
  readonly trackingUri: string;
  readonly http: HttpClient;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #maskedTexts: readonly string[];
  readonly #workspaceHeader: Readonly<Record<string, string>>;

  constructor(options: MlflowTransportOptions) {
    const { uri, username, password } = parseTrackingUri(options.trackingUri);
    const settings = connectionSettings(options.environment ?? {}, { username, password });
    const timeoutMs = options.timeoutMs ?? settings.timeoutMs;
    this.trackingUri = uri;
    this.#maskedTexts = options.maskedTexts ?? [];
    this.#headers = settings.authorization === null ? {} : { authorization: settings.authorization };
    this.#workspaceHeader = settings.workspace === null ? {} : { 'x-mlflow-workspace': settings.workspace };
    this.http = new HttpClient({
      retry: { ...settings.retry, ...options.retry },
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(settings.tls === undefined ? {} : { tls: settings.tls }),
      ...(settings.proxy === undefined ? {} : { proxy: settings.proxy }),
      secrets: settings.secrets,
      ...(options.onExchange === undefined ? {} : { onExchange: options.onExchange }),
      errorOfReply: mlflowErrorOfReply,
    });
  }

  /** The headers a request to this server needs: who one is, and the workspace unless `withWorkspace` is false. */
  headers(withWorkspace = true): Readonly<Record<string, string>> {
    return withWorkspace ? { ...this.#headers, ...this.#workspaceHeader } : this.#headers;
  }

  /** The address of a path below the tracking URI. */
  url(path: string, query: Readonly<Record<string, QueryValue>> = {}): URL {
    const url = new URL(`${this.trackingUri}${path}`);
    for (const [name, value] of Object.entries(query)) {
      const values = Array.isArray(value) ? value : value === undefined ? [] : [value];
      for (const each of values) url.searchParams.append(name, String(each));
    }
    return url;
  }

  /** Calls the JSON API and checks the reply's shape. */
  async call<Schema extends z.ZodType>(call: MlflowCall<Schema>, options: CallOptions = {}): Promise<z.infer<Schema>> {
    const text = await this.text(call, options);
    return this.#parse(call, text);
  }

  /** Calls a route that answers with text. */
  async text(call: Omit<MlflowCall<z.ZodType>, 'reply'>, options: CallOptions = {}): Promise<string> {
    const reply = await this.http.requestText({
      method: call.method,
      url: this.url(call.path, call.query),
      headers: this.headers(!call.path.endsWith('/server-info')),
      ...(call.body === undefined ? {} : { body: { json: masked(call.body, this.#maskedTexts) } }),
      retry: call.retry,
      ...options,
    });
    return reply.body;
  }

  #parse<Schema extends z.ZodType>(call: MlflowCall<Schema>, text: string): z.infer<Schema> {
    let value: unknown;
    try {
      value = text === '' ? {} : JSON.parse(text);
    } catch (error) {
      throw this.#strangeReply(call, text, 'is not JSON', error);
    }
    const parsed = call.reply.safeParse(value);
    if (parsed.success) return parsed.data;
    throw this.#strangeReply(
      call,
      text,
      `does not have the expected shape: ${z.prettifyError(parsed.error)}`,
      parsed.error,
    );
  }

  #strangeReply(call: MlflowCall<z.ZodType>, text: string, what: string, cause: unknown): SlipwayError {
    const url = this.url(call.path, call.query).toString();
    return new MlflowApiError(`The reply to ${call.method} ${url} ${what}.`, {
      method: call.method,
      url,
      status: 200,
      body: text.slice(0, 2000),
      errorCode: null,
      isRetryable: false,
      hint: 'Is this the address of an MLflow server?',
      cause,
    });
  }
}

/** The fields in which free text stands; all others name things, which must be found again by their names. */
const textFields: ReadonlySet<string> = new Set(['value', 'description', 'run_name', 'source', 'schema', 'profile']);

/** Metrics are numbers, and a million of them: nobody looks at each. */
function masked(body: unknown, texts: readonly string[]): unknown {
  if (texts.length === 0 || typeof body !== 'object' || body === null) return body;
  if (Array.isArray(body)) return body.map((item) => masked(item, texts));
  const fields = Object.entries(body as Readonly<Record<string, unknown>>).map(([name, field]) => {
    if (name === 'metrics') return [name, field];
    return [name, typeof field === 'string' && textFields.has(name) ? maskSecrets(field, texts) : masked(field, texts)];
  });
  return Object.fromEntries(fields);
}

/** The prefix of the JSON API. */
export const apiRoot = '/api/2.0/mlflow';
