import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { lookAtTracking as lookAt } from '../../support/doctor.ts';
import { startHttpServer } from '../../support/http-server.ts';
import { requireDocker, skip, temporaryDirectory } from '../../support/index.ts';

const reachable = 'tracking.server';
const run = 'tracking.run';

describe('what stands at the address of a tracking server', () => {
  it('has a certificate of an unknown authority', async () => {
    await using folder = await temporaryDirectory();
    const words = 'req -x509 -newkey rsa:2048 -nodes -days 2 -keyout key.pem -out cert.pem -subj /CN=127.0.0.1';
    try {
      execFileSync('openssl', words.split(' '), { cwd: folder.path, stdio: 'ignore' });
    } catch {
      skip('openssl is not installed');
    }
    const [key, cert] = [await readFile(folder.join('key.pem')), await readFile(folder.join('cert.pem'))];
    const server = createTlsServer({ key, cert }, (_, answer) => answer.end('3.17.2'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const found = await lookAt([reachable], `https://${address}`);
      expect(found[reachable]).toMatchObject({
        status: 'broken',
        text: expect.stringContaining('TLS failed (self-signed certificate)'),
        mend: { command: 'export MLFLOW_TRACKING_SERVER_CERT_PATH=/path/to/its-authority.pem' },
      });
      const plain = await lookAt([reachable], `http://${address}`);
      expect(plain[reachable]).toMatchObject({
        status: 'broken',
        mend: { command: `export MLFLOW_TRACKING_URI=https://${address}` },
      });
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  it('is no tracking server, or no address of one', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { [reachable]: found } = await lookAt(
      [reachable],
      `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    );
    server.close();
    expect(found).toMatchObject({
      status: 'broken',
      text: expect.stringContaining('is not an MLflow tracking server'),
    });
    const folder = await lookAt([reachable, run], 'mlruns');
    expect(folder[reachable]).toMatchObject({ status: 'broken', text: expect.stringContaining('is a folder') });
    expect(folder[run]?.status).toBe('skipped');
  });

  it('may be out of reach of a container, which a program that logs through a file can bear', async () => {
    await requireDocker();
    await using server = await startHttpServer(({ url }) => (url === '/version' ? '3.17.2' : {}));
    // From here it leads to this machine, from inside a container to the container itself.
    const address = server.uri.replace('127.0.0.1', '0.0.0.0');
    const ids = ['tracking.container', 'engine.container'];
    await using folder = await temporaryDirectory();
    const foreign = await lookAt(ids, address, {}, { engine: 'docker', projectDirectory: folder.path });
    if (foreign['engine.container']?.status !== 'fine') skip('the engine has no image to start a container of');
    expect(foreign[reachable]?.status).toBe('fine');
    expect(foreign['tracking.container']).toMatchObject({
      status: 'broken',
      text: expect.stringContaining('ECONNREFUSED'),
      facts: { network: 'default' },
    });
    const own = await lookAt(ids, address, {}, { engine: 'docker' });
    expect(own['tracking.container']).toMatchObject({
      status: 'warning',
      text: expect.stringContaining('needs no server'),
    });
  });
});
