import { describe, expect, it } from 'vitest';
import { UnavailableError } from '../../../src/errors.ts';
import { checkTrackingServer, MlflowClient } from '../../../src/mlflow/index.ts';
import { type Answer, startHttpServer } from '../../support/http-server.ts';
import { freePort } from '../../support/index.ts';

const quick = { timeoutMs: 2000, maximumRetries: 0 };

async function verdict(trackingUri: string, options = quick): Promise<UnavailableError> {
  const client = new MlflowClient({ trackingUri });
  const error = await checkTrackingServer(client, options).catch((thrown: unknown) => thrown);
  if (!(error instanceof UnavailableError)) throw error;
  return error;
}

async function verdictOn(answer: (path: string) => Answer): Promise<UnavailableError> {
  await using server = await startHttpServer((request) => answer(request.url));
  const error = await verdict(server.uri);
  return error;
}

describe('checkTrackingServer', () => {
  it('answers the version of a server that lets us in', async () => {
    await using server = await startHttpServer((request) => (request.url === '/version' ? '3.17.2\n' : {}));
    const client = new MlflowClient({ trackingUri: server.uri });
    expect(await checkTrackingServer(client)).toEqual({ version: '3.17.2' });
  });

  it('says that nothing listens', async () => {
    const error = await verdict(`http://127.0.0.1:${await freePort()}`);
    expect(error.message).toMatch(
      /^The tracking server http:\/\/127.0.0.1:\d+ does not answer: nothing accepts connections there\.$/,
    );
    expect(error).toMatchObject({ exitCode: 69, hint: expect.stringContaining('port') });
  });

  it('says that the host is unknown', async () => {
    expect((await verdict('http://no-such-host.invalid')).message).toContain(
      '"no-such-host.invalid" cannot be resolved',
    );
  });

  it('says that the server is silent', async () => {
    await using server = await startHttpServer(() => new Promise(() => undefined));
    expect((await verdict(server.uri, { ...quick, timeoutMs: 50 })).message).toContain('silent for too long');
  });

  it('says that TLS failed where the server speaks plain HTTP', async () => {
    await using server = await startHttpServer(() => 'plain');
    expect((await verdict(server.uri.replace('http:', 'https:'))).message).toMatch(
      /does not answer: TLS failed \([^:()]+\)\.$/,
    );
  });

  it('says that a login is missing', async () => {
    const error = await verdictOn(() => [401, 'You are not authenticated.']);
    expect(error.message).toContain('wants a login');
    expect(error.hint).toContain('MLFLOW_TRACKING_USERNAME');
  });

  it('says that a login is not allowed to do it', async () => {
    const error = await verdictOn((path) => (path === '/version' ? '3.17.2' : [403, 'Permission denied']));
    expect(error.message).toContain('does not let us in (403)');
  });

  it('says that the host name is not on the list of the server', async () => {
    const error = await verdictOn((path) =>
      path === '/version' ? '3.17.2' : [403, 'Invalid Host header - possible DNS rebinding attack detected'],
    );
    expect(error.message).toContain('does not accept requests to the host name "127.0.0.1"');
    expect(error.hint).toContain('--allowed-hosts');
  });

  it.each<[string, (path: string) => Answer]>([
    ['a page for every path', () => '<html><title>Router login</title></html>'],
    ['another API', () => ({ status: 'ok' })],
    ['nothing under that path', () => [404, '<html>Not Found</html>']],
    ['a version, but no API', (path) => (path === '/version' ? '1.2.3' : [404, 'Not Found'])],
  ])('says that %s is not MLflow', async (_name, answer) => {
    const error = await verdictOn(answer);
    expect(error.message).toMatch(/^What answers at .* is not an MLflow tracking server\.$/);
  });

  it('says that the server redirects', async () => {
    const error = await verdictOn(() => [301, '', { location: 'https://elsewhere.example/' }]);
    expect(error.message).toContain('redirects');
    expect(error.hint).toContain('https://elsewhere.example/');
  });

  it('says that the server is out of order', async () => {
    const error = await verdictOn(() => [503, { error_code: 'TEMPORARILY_UNAVAILABLE', message: 'database is down' }]);
    expect(error.message).toContain('out of order');
    expect(error.message).toContain('database is down');
  });

  it('passes on an abort as it is', async () => {
    await using server = await startHttpServer(() => new Promise(() => undefined));
    const reason = new Error('stop');
    const result = checkTrackingServer(new MlflowClient({ trackingUri: server.uri }), {
      signal: AbortSignal.timeout(20),
    });
    await expect(result).rejects.not.toBeInstanceOf(UnavailableError);
    const aborted = checkTrackingServer(new MlflowClient({ trackingUri: server.uri }), {
      signal: AbortSignal.abort(reason),
    });
    await expect(aborted).rejects.toBe(reason);
  });
});
