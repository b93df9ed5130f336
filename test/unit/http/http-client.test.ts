import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ConnectionError, HttpClient, HttpError } from '../../../src/http/index.ts';
import { startHttpServer } from '../../support/http-server.ts';
import { freePort, temporaryDirectory } from '../../support/index.ts';

const quick = { maximumRetries: 3, baseDelayMs: 1, maximumDelayMs: 5 };

async function failureOf(promise: Promise<unknown>): Promise<HttpError> {
  const error = await promise.then(
    () => expect.fail('the request should have failed'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HttpError)) throw error;
  return error;
}

describe('HttpClient', () => {
  it('sends JSON with its type and reads the reply', async () => {
    await using server = await startHttpServer(() => ({ fine: true }));
    const client = new HttpClient();
    const reply = await client.requestText({
      method: 'POST',
      url: `${server.uri}/a/b?c=d`,
      headers: { 'x-mine': 'yes' },
      body: { json: { key: 'ü' } },
      retry: 'never',
    });
    expect(JSON.parse(reply.body)).toEqual({ fine: true });
    expect(server.requests[0]).toMatchObject({ method: 'POST', url: '/a/b?c=d' });
    expect(server.requests[0]?.headers).toMatchObject({ 'content-type': 'application/json', 'x-mine': 'yes' });
    expect(server.requests[0]?.body.toString()).toBe('{"key":"ü"}');
  });

  it('tells method, address, status and body of a failed request', async () => {
    await using server = await startHttpServer(() => [404, 'nothing here']);
    const error = await failureOf(
      new HttpClient().requestText({ method: 'GET', url: `${server.uri}/x`, retry: 'safe' }),
    );
    expect(error).toMatchObject({ method: 'GET', url: `${server.uri}/x`, status: 404, body: 'nothing here' });
    expect(error.isRetryable).toBe(false);
    expect(server.requests).toHaveLength(1);
  });

  it('repeats after 503 and honours Retry-After', async () => {
    await using server = await startHttpServer((_request, _response, index) =>
      index < 2 ? [503, 'later', { 'retry-after': '0' }] : 'now',
    );
    const client = new HttpClient({ retry: quick });
    expect((await client.requestText({ method: 'GET', url: server.uri, retry: 'safe' })).body).toBe('now');
    expect(server.requests).toHaveLength(3);
  });

  it('opens the stream of a body anew for each attempt and sends its length', async () => {
    await using server = await startHttpServer((_request, _response, index) => (index === 0 ? [502, 'bad'] : 'ok'));
    let opened = 0;
    const open = () => {
      opened += 1;
      return Readable.from([Buffer.from('some '), Buffer.from('bytes')]);
    };
    const body = { open, byteLength: 10, contentType: 'application/octet-stream' };
    await new HttpClient({ retry: quick }).requestText({ method: 'PUT', url: server.uri, body, retry: 'safe' });
    expect(opened).toBe(2);
    expect(server.requests.map((request) => request.body.toString())).toEqual(['some bytes', 'some bytes']);
    expect(server.requests[1]?.headers).toMatchObject({ 'content-length': '10' });
    expect(server.requests[1]?.headers['transfer-encoding']).toBeUndefined();
  });

  it('sends an empty file with the length 0', async () => {
    await using server = await startHttpServer(() => 'ok');
    const body = { open: () => Readable.from([]), byteLength: 0, contentType: 'text/plain' };
    await new HttpClient().requestText({ method: 'PUT', url: server.uri, body, retry: 'safe' });
    expect(server.requests[0]?.headers).toMatchObject({ 'content-length': '0' });
  });

  it('passes on the error of the file that a body is read from', async () => {
    await using directory = await temporaryDirectory();
    await using server = await startHttpServer(() => 'ok');
    const body = { open: () => createReadStream(directory.join('none')), byteLength: 3, contentType: 'text/plain' };
    const result = new HttpClient().requestText({ method: 'PUT', url: server.uri, body, retry: 'safe' });
    await expect(result).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('refuses to call a file complete that shrank while it was sent', async () => {
    await using directory = await temporaryDirectory();
    await using server = await startHttpServer(() => 'ok');
    await writeFile(directory.join('short'), 'abc');
    const body = { open: () => createReadStream(directory.join('short')), byteLength: 9, contentType: 'text/plain' };
    const result = new HttpClient({ retry: quick }).requestText({
      method: 'PUT',
      url: server.uri,
      body,
      retry: 'safe',
    });
    expect(await failureOf(result)).toMatchObject({ status: null });
  });

  it('asks again for a reply that broke off', async () => {
    await using server = await startHttpServer((_request, response, index) => {
      if (index > 0) return 'whole';
      response.writeHead(200, { 'content-length': '100' });
      response.write('half');
      setTimeout(() => response.destroy(), 10);
      return undefined;
    });
    const client = new HttpClient({ retry: quick });
    expect((await client.requestText({ method: 'GET', url: server.uri, retry: 'safe' })).body).toBe('whole');
  });

  it('says that nothing listens, and that the request was not sent', async () => {
    const url = `http://127.0.0.1:${await freePort()}/`;
    const error = await failureOf(new HttpClient().requestText({ method: 'GET', url, retry: 'never' }));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ failure: 'refused', isUnsent: true, isRetryable: true, status: null, exitCode: 69 });
    expect(error.message).toContain('refused the connection');
  });

  it('says that a host name cannot be resolved', async () => {
    const result = new HttpClient().requestText({ method: 'GET', url: 'http://no-such-host.invalid/', retry: 'never' });
    expect(await failureOf(result)).toMatchObject({ failure: 'unknown-host' });
  });

  it('gives up on a server that stays silent', async () => {
    await using server = await startHttpServer(() => new Promise(() => undefined));
    const client = new HttpClient({ timeoutMs: 50 });
    const error = await failureOf(client.requestText({ method: 'GET', url: server.uri, retry: 'never' }));
    expect(error).toMatchObject({ failure: 'timeout', isUnsent: false });
  });

  it('recognises a service that does not speak HTTP', async () => {
    const server = createServer((socket) => socket.once('data', () => socket.end('500 unknown command\r\n')));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const url = `http://127.0.0.1:${port}/`;
    const error = await failureOf(new HttpClient().requestText({ method: 'GET', url, retry: 'safe' }));
    server.close();
    expect(error).toMatchObject({ failure: 'not-http', isRetryable: false });
  });

  it('rejects with the reason of its signal, before, while and after sending', async () => {
    await using server = await startHttpServer((request, response) => {
      if (request.url === '/silent') return new Promise(() => undefined);
      response.writeHead(200);
      response.write('beginning');
      return undefined;
    });
    const client = new HttpClient();
    const reason = new Error('stop');
    for (const path of ['/silent', '/endless']) {
      const controller = new AbortController();
      const url = `${server.uri}${path}`;
      const result = client.requestText({ method: 'GET', url, retry: 'safe', signal: controller.signal });
      setTimeout(() => controller.abort(reason), 30);
      await expect(result).rejects.toBe(reason);
    }
    const signal = AbortSignal.abort(reason);
    const request = { method: 'GET', url: server.uri, retry: 'safe', signal } as const;
    await expect(client.requestText(request)).rejects.toBe(reason);
    expect(server.requests).toHaveLength(2);
  });

  it('keeps secrets and signatures out of errors', async () => {
    await using server = await startHttpServer((request) => [403, `you sent ${request.headers.authorization}`]);
    const client = new HttpClient({ secrets: ['hunter2'] });
    const url = server.uri.replace('//', '//me:hunter2@');
    const headers = { authorization: 'Bearer hunter2' };
    const error = await failureOf(client.requestText({ method: 'GET', url, headers, retry: 'safe' }));
    expect(JSON.stringify({ ...error, text: error.message })).not.toContain('hunter2');
    const presigned = {
      method: 'PUT',
      url: `${server.uri}/key?signature=abc`,
      retry: 'never',
      isPresigned: true,
    } as const;
    expect((await failureOf(client.requestText(presigned))).url).toBe(`${server.uri}/key`);
  });

  it('reads at most 64 KiB of an error', async () => {
    await using server = await startHttpServer(() => [400, 'x'.repeat(1_000_000)]);
    const error = await failureOf(new HttpClient().requestText({ method: 'GET', url: server.uri, retry: 'safe' }));
    expect(error.body).toHaveLength(64 * 1024);
  });

  it('does not follow redirects', async () => {
    await using server = await startHttpServer(() => [302, '', { location: 'http://elsewhere.invalid/' }]);
    const error = await failureOf(new HttpClient().requestText({ method: 'GET', url: server.uri, retry: 'safe' }));
    expect(error.status).toBe(302);
  });

  it('goes through a proxy where one is configured, but never for loopback addresses', async () => {
    await using proxy = await startHttpServer((request) => `proxied ${request.url}`);
    await using direct = await startHttpServer(() => 'direct');
    const client = new HttpClient({ proxy: { httpProxy: proxy.uri } });
    const far = await client.requestText({ method: 'GET', url: 'http://far.invalid/path', retry: 'never' });
    expect(far.body).toBe('proxied http://far.invalid/path');
    expect((await client.requestText({ method: 'GET', url: direct.uri, retry: 'never' })).body).toBe('direct');
    await client.close();
  });
});
