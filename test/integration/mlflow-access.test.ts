import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { request as forward } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { checkTrackingServer, MlflowClient, openArtifactStore } from '../../src/index.ts';
import { freePort, skip, startMlflow, type TemporaryDirectory, temporaryDirectory } from '../support/index.ts';

const quick = { maximumRetries: 0 };

/** Makes an authority and a certificate for 127.0.0.1 signed by it. */
async function makeCertificates(directory: TemporaryDirectory): Promise<void> {
  const openssl = (...values: string[]) => promisify(execFile)('openssl', values, { cwd: directory.path });
  const subject = ['-subj', '/CN=Test authority', '-addext', 'basicConstraints=critical,CA:TRUE'];
  await openssl(...'req -x509 -newkey rsa:2048 -nodes -days 2 -keyout ca.key -out ca.pem'.split(' '), ...subject).catch(
    (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' ? skip('openssl is not installed') : Promise.reject(error),
  );
  await openssl(...'req -newkey rsa:2048 -nodes -keyout server.key -out server.csr'.split(' '), '-subj', '/CN=server');
  await writeFile(directory.join('names'), 'subjectAltName=IP:127.0.0.1');
  await openssl(
    ...'x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem'.split(
      ' ',
    ),
  );
}

/** Ends TLS before a server, as a reverse proxy does. */
async function startTlsProxy(directory: TemporaryDirectory, port: number) {
  const key = await readFile(directory.join('server.key'));
  const cert = await readFile(directory.join('server.pem'));
  const proxy = createServer({ key, cert }, (incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const inner = forward({ host: '127.0.0.1', port, method, path: url, headers }, (reply) => {
      outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(outgoing);
    });
    incoming.pipe(inner);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const close = async () => {
    proxy.close();
    proxy.closeAllConnections();
  };
  return { uri: `https://127.0.0.1:${(proxy.address() as AddressInfo).port}`, [Symbol.asyncDispose]: close };
}

describe('a server with logins', () => {
  it('lets us in by variables or address, and says who is not let in', async () => {
    await using server = await startMlflow({ auth: true });
    const { username, password } = server.login!;
    const environment = { MLFLOW_TRACKING_USERNAME: username, MLFLOW_TRACKING_PASSWORD: password };
    const connect = (trackingUri = server.uri, variables: Record<string, string> = environment) =>
      new MlflowClient({ trackingUri, environment: { HOME: '/nonexistent', ...variables } });

    expect((await checkTrackingServer(connect())).version).toMatch(/^\d+\.\d+/);
    const withUser = server.uri.replace('//', `//${username}:${encodeURIComponent(password)}@`);
    const client = connect(withUser, {});
    expect(client.trackingUri).toBe(server.uri);
    const experiment = await client.ensureExperiment('secured');
    const run = await client.createRun({ experimentId: experiment.experimentId, startTimeMs: Date.now() });
    await using directory = await temporaryDirectory();
    await writeFile(directory.join('x'), 'content');
    await openArtifactStore(run.info.artifactUri, { client }).upload(directory.join('x'), 'x');

    await expect(checkTrackingServer(connect(server.uri, {}))).rejects.toThrow('wants a login');
    const wrong = { ...environment, MLFLOW_TRACKING_PASSWORD: 'no such password' };
    await expect(checkTrackingServer(connect(server.uri, wrong))).rejects.toThrow('did not accept ours (401)');
    const error = await connect(server.uri, wrong)
      .getRun(run.info.runId)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 401, isRetryable: false });
    await client.close();
  });
});

describe('a server below a path', () => {
  it('is used through its prefix, artifacts included', async () => {
    await using server = await startMlflow({ staticPrefix: '/team/mlflow' });
    const client = new MlflowClient({ trackingUri: `${server.uri}/` });
    await checkTrackingServer(client);
    const { experimentId } = await client.ensureExperiment('prefixed');
    const run = await client.createRun({ experimentId, startTimeMs: Date.now() });
    await using directory = await temporaryDirectory();
    await writeFile(directory.join('x'), 'content');
    const store = openArtifactStore(run.info.artifactUri, { client });
    await store.upload(directory.join('x'), 'deep/x.txt');
    expect(await store.listRecursive()).toMatchObject([{ path: 'deep/x.txt', byteLength: 7 }]);
    await store.download('deep/x.txt', directory.join('y'));
    expect(await readFile(directory.join('y'), 'utf8')).toBe('content');
    const withoutPrefix = new MlflowClient({ trackingUri: `http://127.0.0.1:${server.port}`, retry: quick });
    await expect(checkTrackingServer(withoutPrefix)).rejects.toThrow('not an MLflow tracking server');
    await client.close();
  });
});

describe('a server behind TLS, or a name', () => {
  it('is trusted through an authority of its own, and not without it', async () => {
    await using directory = await temporaryDirectory();
    await makeCertificates(directory);
    await using server = await startMlflow();
    await using proxy = await startTlsProxy(directory, server.port);
    const connect = (environment: Record<string, string>) =>
      new MlflowClient({ trackingUri: proxy.uri, environment: { HOME: '/nonexistent', ...environment }, retry: quick });
    const trusting = connect({ MLFLOW_TRACKING_SERVER_CERT_PATH: directory.join('ca.pem') });
    await expect(checkTrackingServer(trusting)).resolves.toHaveProperty('version');
    const careless = connect({ MLFLOW_TRACKING_INSECURE_TLS: 'true' });
    await expect(checkTrackingServer(careless)).resolves.toHaveProperty('version');
    await expect(checkTrackingServer(connect({}))).rejects.toMatchObject({
      message: expect.stringContaining('TLS failed'),
      hint: expect.stringContaining('MLFLOW_TRACKING_SERVER_CERT_PATH'),
    });
    await trusting.close();
    await careless.close();
  });

  it('is named where it does not accept its host name', async () => {
    const port = await freePort();
    await using server = await startMlflow({ extraArguments: ['--allowed-hosts', `other.example:${port}`] });
    const client = new MlflowClient({ trackingUri: server.uri, retry: quick });
    const error = await checkTrackingServer(client).catch((thrown: unknown) => thrown);
    expect(String(error)).toContain('does not accept requests to the host name "127.0.0.1"');
    await client.close();
  });
});
