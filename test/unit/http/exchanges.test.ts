import { describe, expect, it } from 'vitest';
import { HttpClient } from '../../../src/http/index.ts';
import { MlflowClient } from '../../../src/mlflow/index.ts';
import { exchangeText, type HttpExchange } from '../../../src/util/index.ts';
import { startHttpServer } from '../../support/http-server.ts';
import { freePort } from '../../support/index.ts';

const quick = { maximumRetries: 3, baseDelayMs: 1, maximumDelayMs: 5 };

describe('the requests of a client', () => {
  it('are told one by one: what was asked, what came back, what went each way, and which retry it was', async () => {
    await using server = await startHttpServer((_request, _response, index) => (index < 2 ? [503, 'later'] : 'done'));
    const told: HttpExchange[] = [];
    const client = new HttpClient({ retry: quick, onExchange: (exchange) => told.push(exchange) });
    await client.requestText({
      method: 'POST',
      url: `${server.uri}/a?b=c`,
      body: { json: { key: 'ü' } },
      retry: 'safe',
    });
    const common = { method: 'POST', target: '/a?b=c', failure: null, sentBytes: 12 };
    expect(told).toMatchObject([
      { ...common, status: 503, receivedBytes: 5, retry: 0 },
      { ...common, status: 503, receivedBytes: 5, retry: 1 },
      { ...common, status: 200, receivedBytes: 4, retry: 2 },
    ]);
    await client.close();
  });

  it('are told where no reply comes, and where the caller gives up', async () => {
    const told: HttpExchange[] = [];
    const client = new HttpClient({ retry: quick, onExchange: (exchange) => told.push(exchange) });
    const url = `http://127.0.0.1:${await freePort()}/x`;
    await expect(client.requestText({ method: 'GET', url, retry: 'never' })).rejects.toThrow();
    const controller = new AbortController();
    await using server = await startHttpServer(() => {
      controller.abort(new Error('enough'));
      return undefined;
    });
    const given = client.requestText({ method: 'GET', url: server.uri, retry: 'safe', signal: controller.signal });
    await expect(given).rejects.toThrow('enough');
    expect(told).toMatchObject([
      { target: '/x', status: null, failure: 'refused' },
      { target: '/', status: null, failure: 'given up' },
    ]);
    await client.close();
  });

  it('never show a secret: no login, no body, no header, no query that signs an address', async () => {
    await using server = await startHttpServer(() => [200, 'secret-reply', { 'x-secret': 'secret-header' }]);
    const told: string[] = [];
    const { host } = new URL(server.uri);
    const client = new HttpClient({
      secrets: ['hunter22'],
      onExchange: (exchange) => told.push(exchangeText(exchange)),
    });
    const sent = { headers: { authorization: 'Basic secret' }, body: { bytes: 'secret-body', contentType: 'a/b' } };
    const url = `http://user:secret-password@${host}/runs?token=hunter22`;
    await client.requestText({ method: 'PUT', url, ...sent, retry: 'never' });
    await client.requestStream({
      method: 'GET',
      url: `${server.uri}/key?sig=secret`,
      isPresigned: true,
      retry: 'never',
    });
    await client.close();
    expect(told[0]).toMatch(/^PUT \/runs\?token=\*\*\* {2}200 {2}\d+ ms {2}sent 11 B {2}received 12 B$/);
    expect(told[1]).toMatch(new RegExp(`^GET http://${host}/key {2}200 {2}\\d+ ms`));
    expect(told.join('\n')).not.toMatch(/secret|hunter22/);
  });

  it('of the tracking server are told by its client, with the login of its address left out', async () => {
    await using server = await startHttpServer(() => '3.17.2');
    const told: string[] = [];
    const trackingUri = server.uri.replace('//', '//me:correct-horse@');
    const onExchange = (exchange: HttpExchange) => void told.push(exchangeText(exchange));
    const client = new MlflowClient({ trackingUri, environment: {}, onExchange });
    await client.serverVersion();
    await client.close();
    expect(told).toEqual([expect.stringMatching(/^GET \/version {2}200 {2}\d+ ms {2}received 6 B$/)]);
  });
});

describe('a request as text', () => {
  it('is cut where its address is long, and leaves out what is not known', () => {
    const exchange = {
      method: 'GET',
      target: `/${'x'.repeat(500)}`,
      status: null,
      failure: 'timeout',
      durationMs: 1.6,
    };
    const text = exchangeText({ ...exchange, sentBytes: null, receivedBytes: null, retry: 2 });
    expect(text).toBe(`GET /${'x'.repeat(159)}…  timeout  2 ms  retry 2`);
  });
});
