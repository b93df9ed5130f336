import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTcpProxy, type TcpProxy } from '../../faults/support/tcp-proxy.ts';

let heard: string[];
let proxy: TcpProxy;
let close: () => void;

beforeEach(async () => {
  heard = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    heard.push(`${request.method} ${request.url} ${body.length}`);
    response.end('a true answer');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  proxy = await startTcpProxy((server.address() as AddressInfo).port);
});

afterEach(async () => {
  await proxy[Symbol.asyncDispose]();
  close();
});

const post = (path: string, body = 'x'.repeat(200_000)) =>
  fetch(`${proxy.uri}${path}`, { method: 'POST', body, signal: AbortSignal.timeout(1000) });

describe('the proxy of the fault table', () => {
  it('hands requests on, whole, one after the other', async () => {
    for (const path of ['/a', '/b']) expect(await (await post(path)).text()).toBe('a true answer');
    expect(heard).toEqual(['POST /a 200000', 'POST /b 200000']);
    expect(proxy.befallen).toBe(0);
  });

  it("answers in the server's place, which never hears of it, and lets the next one pass", async () => {
    proxy.fault = ({ path }) =>
      path === '/a' ? { kind: 'answer', status: 503, headers: { 'retry-after': '3' }, body: 'later' } : null;
    const refused = await post('/a');
    expect([refused.status, refused.headers.get('retry-after'), await refused.text()]).toEqual([503, '3', 'later']);
    expect((await post('/b')).status).toBe(200);
    expect(heard).toEqual(['POST /b 200000']);
    expect(proxy.befallen).toBe(1);
  });

  it('breaks an answer off though the server has acted', async () => {
    proxy.fault = () => ({ kind: 'truncate', afterBytes: 20 });
    await expect(post('/a')).rejects.toThrow();
    expect(heard).toEqual(['POST /a 200000']);
  });

  it('gives no answer, whether the server has acted or not', async () => {
    proxy.fault = ({ path }) => ({ kind: 'silence', reaches: path === '/a' });
    await expect(post('/a')).rejects.toThrow();
    await expect(post('/b')).rejects.toThrow();
    expect(heard).toEqual(['POST /a 200000']);
  });

  it('is gone, and there again at the same port', async () => {
    await post('/a');
    await proxy.down();
    await expect(post('/b')).rejects.toThrow();
    await proxy.up();
    expect((await post('/c')).status).toBe(200);
    expect(heard).toEqual(['POST /a 200000', 'POST /c 200000']);
  });
});
