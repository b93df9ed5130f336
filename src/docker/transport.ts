import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type DockerModem from 'docker-modem';
import { errorCode, UnavailableError } from '../errors.ts';
import type { OnExchange } from '../util/http-exchange.ts';
import type { DockerEndpoint } from './endpoint.ts';
import { connectionError, DockerApiError } from './errors.ts';

/** One request to the engine. */
export interface EngineRequest {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'HEAD';
  /** Path of the Engine API, without version and query. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  readonly body?: unknown;
  /** A stream to send in place of a JSON body. */
  readonly file?: NodeJS.ReadableStream;
  /** What is asked, for the error's message: `to build an image`. */
  readonly purpose: string;
  readonly signal?: AbortSignal;
}

const successCodes = { 200: true, 201: true, 204: true, 304: true };
/** How a connection ends that the other side has dropped. */
const brokenConnection: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);
const pingTimeoutMs = 10_000;
const silence = `it was silent for ${pingTimeoutMs / 1000} s`;

/** Loads the library that speaks with the engine, for those who have time now and none later. */
export async function loadTransport(): Promise<void> {
  await import('docker-modem');
}

/**
 * Speaks HTTP with the engine through docker-modem, the transport of dockerode. It is taken alone, and only at the first
 * request: dockerode itself loads gRPC and protobuf for BuildKit sessions, which cost more start-up time than all of ours.
 */
export class EngineTransport {
  readonly endpoint: DockerEndpoint;
  readonly #sshAgent: string | undefined;
  readonly #onExchange: OnExchange | undefined;
  #modem: Promise<DockerModem> | null = null;

  /** @param onExchange Hears of every request, of one with a stream when its reply begins. */
  constructor(endpoint: DockerEndpoint, sshAgent: string | undefined, onExchange?: OnExchange) {
    this.endpoint = endpoint;
    this.#sshAgent = sshAgent;
    this.#onExchange = onExchange;
  }

  /** Answers whether the engine does; needs no library for a local socket. */
  async ping(signal?: AbortSignal): Promise<void> {
    const timeout = AbortSignal.timeout(pingTimeoutMs);
    const combined = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
    try {
      if (this.endpoint.kind === 'unix') await this.#pingSocket(this.endpoint.socketPath, combined);
      else await this.json({ method: 'GET', path: '/_ping', purpose: 'to answer', signal: combined });
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof UnavailableError) throw error;
      throw connectionError(this.endpoint, timeout.aborted ? new Error(silence) : error);
    }
  }

  async #pingSocket(socketPath: string, signal: AbortSignal): Promise<void> {
    const request: EngineRequest = { method: 'GET', path: '/_ping', purpose: 'to answer' };
    const startedMs = performance.now();
    try {
      await pingSocket(socketPath, signal);
      this.#tell(request, { status: 200, error: null, durationMs: performance.now() - startedMs });
    } catch (error) {
      this.#tell(request, { status: null, error: error as Error, durationMs: performance.now() - startedMs });
      throw error;
    }
  }

  /** The decoded JSON answer; a Buffer where the answer is no JSON. */
  async json(request: EngineRequest): Promise<unknown> {
    const chunks: Uint8Array[] = [];
    try {
      for await (const chunk of await this.stream(request)) chunks.push(chunk as Uint8Array);
    } catch (error) {
      throw this.brokenOff(request, error);
    }
    const body = Buffer.concat(chunks);
    return parseJson(body.toString('utf8')) ?? body;
  }

  /** What an answer that broke off tells: that the engine is gone, where it was not told to end. */
  brokenOff(request: Pick<EngineRequest, 'signal'>, error: unknown): unknown {
    request.signal?.throwIfAborted();
    return brokenConnection.has(errorCode(error) ?? '') ? connectionError(this.endpoint, error) : error;
  }

  /** The answer as a stream of bytes; aborting destroys it. */
  async stream(request: EngineRequest): Promise<Readable> {
    const answer = await this.#dial(request);
    if (!(answer instanceof Readable)) throw new TypeError('The engine answered without a body.');
    return answer;
  }

  /** The head of the answer. */
  async head(request: EngineRequest): Promise<{ readonly headers: IncomingHttpHeaders }> {
    const answer = (await this.#dial(request)) as IncomingMessage;
    answer.destroy();
    return { headers: answer.headers };
  }

  /** Always as a stream: of an answer that breaks off docker-modem never tells where it reads the answer itself. */
  async #dial(request: EngineRequest): Promise<unknown> {
    request.signal?.throwIfAborted();
    this.#modem ??= this.#connect();
    const modem = await this.#modem;
    const startedMs = performance.now();
    let status: number | null = null;
    return new Promise((resolve, reject) => {
      const settle = (error: Error | null, answer: unknown): void => {
        this.#tell(request, { status, error, durationMs: performance.now() - startedMs });
        if (error === null) resolve(answer);
        else reject(this.#explain(request, error));
      };
      modem.dial(
        {
          path: `${request.path}?`,
          method: request.method,
          // docker-modem sends `_body` as JSON and nothing for an empty object.
          options: { _query: definedOnly(request.query ?? {}), _body: request.body ?? {} },
          ...(request.file === undefined ? {} : { file: request.file }),
          ...(request.signal === undefined ? {} : { abortSignal: request.signal }),
          isStream: true,
          statusCodes: watched(successCodes, (code) => {
            status = code;
          }),
        },
        settle,
      );
    });
  }

  /** The query stays out: it may hold the address of a proxy, with a password in it. */
  #tell(request: EngineRequest, end: { status: number | null; error: Error | null; durationMs: number }): void {
    const { status, error, durationMs } = end;
    this.#onExchange?.({
      method: request.method,
      target: `docker:${request.path}`,
      status,
      failure: error === null || status !== null ? null : (errorCode(error) ?? error.message),
      durationMs,
      sentBytes: request.body === undefined ? null : Buffer.byteLength(JSON.stringify(request.body)),
      receivedBytes: null,
      retry: 0,
    });
  }

  #explain(request: EngineRequest, error: Error): unknown {
    if (request.signal?.aborted) return request.signal.reason;
    const { statusCode, json } = error as Error & { statusCode?: number; json?: unknown };
    if (statusCode === undefined) {
      return errorCode(error) === undefined ? error : connectionError(this.endpoint, error);
    }
    const message = (json as { message?: unknown } | null)?.message;
    // Of a stream the transport keeps the engine's words only behind a prefix of its own.
    const reason = typeof message === 'string' ? message : error.message.replace(/^\(HTTP code \d+\) .*? - /, '');
    return new DockerApiError(request.purpose, statusCode, reason.trim());
  }

  async #connect(): Promise<DockerModem> {
    const { default: Modem } = await import('docker-modem');
    const { endpoint } = this;
    // docker-modem reads DOCKER_HOST for whatever is not given: every field that counts is named.
    if (endpoint.kind === 'unix') {
      return new Modem({ socketPath: endpoint.socketPath, host: undefined, protocol: 'http' });
    }
    if (endpoint.kind === 'tcp') {
      const { host, port, tls } = endpoint;
      return new Modem({
        socketPath: undefined,
        host,
        port,
        protocol: tls === null ? 'http' : 'https',
        ...(tls ?? {}),
      });
    }
    return new Modem({
      socketPath: undefined,
      host: endpoint.host,
      port: endpoint.port ?? 22,
      protocol: 'ssh',
      username: endpoint.user ?? undefined,
      ...(this.#sshAgent === undefined ? {} : { sshOptions: { agent: this.#sshAgent } }),
    });
  }
}

/** docker-modem tells the status of a refusal only; of a success it is seen when it is looked up here. */
function watched(codes: Readonly<Record<number, boolean>>, onCode: (code: number) => void): Record<number, boolean> {
  return new Proxy(codes as Record<number, boolean>, {
    get(target, code) {
      onCode(Number(code));
      return target[Number(code)];
    },
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function definedOnly(query: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
}

function pingSocket(socketPath: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ socketPath, path: '/_ping', signal, agent: false }, (answer: IncomingMessage) => {
      answer.resume();
      answer.on('error', reject);
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve();
        else reject(new Error(`it answered with status ${answer.statusCode}`));
      });
    });
    request.on('error', reject);
    request.end();
  });
}
