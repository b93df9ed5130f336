import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { trackingPaths } from '../../../src/tracking/paths.ts';
import { ensureIdentity, probeServer } from '../../../src/tracking/probe.ts';
import type { TrackingPaths } from '../../../src/tracking/types.ts';
import { freePort, temporaryDirectory } from '../../support/index.ts';

interface Answerer extends AsyncDisposable {
  readonly uri: string;
}

async function answerer(listener: RequestListener): Promise<Answerer> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    uri: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Answers as the tracking server of a storage does. */
async function serverOf(paths: TrackingPaths): Promise<Answerer> {
  const identity = await readFile(paths.identity, 'utf8');
  return answerer((request, response) => {
    if (request.url === '/version') response.end('3.17.2\n');
    else if (request.url?.endsWith('/slipway-server-id')) response.end(identity);
    else response.writeHead(404).end();
  });
}

async function storageIn(directory: string): Promise<TrackingPaths> {
  await mkdir(`${directory}/mlflow/artifacts`, { recursive: true });
  const paths = trackingPaths(directory);
  await ensureIdentity(paths);
  return paths;
}

const patience = { timeoutMs: 5000 };

describe('asking a port whose server answers there', () => {
  it("knows the storage's own server and its version", async () => {
    await using directory = await temporaryDirectory();
    const paths = await storageIn(directory.path);
    await using server = await serverOf(paths);
    expect(await probeServer(server.uri, paths, patience)).toEqual({ state: 'ours', mlflowVersion: '3.17.2' });
  });

  it("does not take another storage's server for its own", async () => {
    await using directory = await temporaryDirectory();
    await using otherDirectory = await temporaryDirectory();
    const paths = await storageIn(directory.path);
    await using server = await serverOf(await storageIn(otherDirectory.path));
    expect(await probeServer(server.uri, paths, patience)).toEqual({ state: 'other' });
  });

  it('does not take something that is no tracking server for one', async () => {
    await using directory = await temporaryDirectory();
    const paths = await storageIn(directory.path);
    await using server = await answerer((_, response) => response.writeHead(404).end('<html>'));
    expect(await probeServer(server.uri, paths, patience)).toEqual({ state: 'other' });
  });

  it('tells a port where nobody listens, and one that never answers, from both', async () => {
    await using directory = await temporaryDirectory();
    const paths = await storageIn(directory.path);
    expect(await probeServer(`http://127.0.0.1:${await freePort()}`, paths, patience)).toEqual({ state: 'silent' });
    await using server = await answerer(() => undefined);
    expect(await probeServer(server.uri, paths, { timeoutMs: 50 })).toEqual({ state: 'silent' });
  });

  it('stops asking when it is aborted', async () => {
    await using directory = await temporaryDirectory();
    const paths = await storageIn(directory.path);
    const controller = new AbortController();
    await using server = await answerer(() => controller.abort(new Error('enough')));
    await expect(probeServer(server.uri, paths, { ...patience, signal: controller.signal })).rejects.toThrow('enough');
  });

  it('draws an identity once', async () => {
    await using directory = await temporaryDirectory();
    const paths = await storageIn(directory.path);
    await using server = await serverOf(paths);
    await ensureIdentity(paths);
    expect(await probeServer(server.uri, paths, patience)).toMatchObject({ state: 'ours' });
  });
});
