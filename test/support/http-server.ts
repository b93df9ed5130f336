import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as it arrived, with its whole body. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** What a handler answers: an object for JSON, a text, a `[status, body, headers]` triple, or nothing where it wrote the reply itself. */
export type Answer = object | string | readonly [number, object | string, Record<string, string>?] | undefined;

export interface HttpServer extends AsyncDisposable {
  readonly uri: string;
  readonly requests: ReceivedRequest[];
}

export type Handler = (
  request: ReceivedRequest,
  response: ServerResponse,
  /** How many requests came before this one. */
  index: number,
) => Answer | Promise<Answer>;

/** A real HTTP server on a free port of the loopback interface that keeps every request. */
export async function startHttpServer(handler: Handler): Promise<HttpServer> {
  const requests: ReceivedRequest[] = [];
  const server = createServer((message, response) => {
    void receive(message).then(
      async (request) => {
        requests.push(request);
        const answer = await handler(request, response, requests.length - 1);
        if (answer !== undefined) send(response, answer);
      },
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function receive(message: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return {
    method: message.method ?? '',
    url: message.url ?? '',
    headers: message.headers,
    body: Buffer.concat(chunks),
  };
}

function send(response: ServerResponse, answer: Exclude<Answer, undefined>): void {
  const [status, body, headers] = Array.isArray(answer) ? answer : [200, answer, {}];
  const isText = typeof body === 'string';
  response.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json', ...headers });
  response.end(isText ? body : JSON.stringify(body));
}
