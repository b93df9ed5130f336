import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { DockerApiError, DockerEngine } from '../../../src/docker/index.ts';
import { UnavailableError } from '../../../src/errors.ts';
import { exchangeText, type OnExchange } from '../../../src/util/index.ts';
import { temporaryDirectory } from '../../support/index.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** An engine that answers as the handler says, on a socket of its own. */
async function engineOf(handler: Handler, onExchange?: OnExchange): Promise<DockerEngine> {
  const folder = await temporaryDirectory();
  const server: Server = createServer((request, response) => {
    if (request.url?.startsWith('/_ping')) response.end('OK');
    else handler(request, response);
  });
  server.listen(folder.join('docker.sock'));
  await once(server, 'listening');
  open.push(async () => {
    server.closeAllConnections();
    server.close();
    await folder.remove();
  });
  return DockerEngine.connect({ environment: { DOCKER_HOST: `unix://${folder.join('docker.sock')}` }, onExchange });
}

function answerJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

describe('connecting to an engine', () => {
  it('says that no engine runs where there is no socket', async () => {
    const connecting = DockerEngine.connect({ environment: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } });
    await expect(connecting).rejects.toThrow(UnavailableError);
    await expect(connecting).rejects.toThrow('No Docker engine runs here: there is no socket at /nowhere/docker.sock.');
  });

  it('says that nothing listens on a port', async () => {
    const connecting = DockerEngine.connect({ environment: { DOCKER_HOST: 'tcp://127.0.0.1:1' } });
    await expect(connecting).rejects.toThrow('No Docker engine answers at tcp://127.0.0.1:1: nothing listens there.');
  });

  it('rejects with the reason of the signal', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(DockerEngine.connect({ environment: { DOCKER_HOST: 'tcp://127.0.0.1:1' }, signal })).rejects.toThrow(
      'enough',
    );
  });
});

describe('the requests to an engine', () => {
  it('are told with their status, and without their query, which may hold the address of a proxy', async () => {
    const told: string[] = [];
    const engine = await engineOf(
      (request, response) =>
        request.method === 'GET'
          ? answerJson(response, 404, { message: 'No such image' })
          : answerJson(response, 201, { Id: 'made' }),
      (exchange) => told.push(exchangeText(exchange).replace(/\d+ ms/, 'T')),
    );
    await engine.inspectImage('nothing:1');
    await engine.createContainer({ image: 'x', environment: { TOKEN: 'secret' }, name: 'y' });
    await expect(engine.startContainer('z', { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow();
    expect(told).toEqual([
      'GET docker:/_ping  200  T',
      'GET docker:/images/nothing:1/json  404  T',
      expect.stringMatching(/^POST docker:\/containers\/create {2}201 {2}T {2}sent \d+ B$/),
    ]);
    expect(told.join()).not.toContain('secret');
  });
});

describe('an engine', () => {
  it('answers null for what it does not have', async () => {
    const engine = await engineOf((_request, response) => answerJson(response, 404, { message: 'No such image' }));
    expect(await engine.inspectImage('nothing:1')).toBeNull();
    expect(await engine.inspectContainer('nothing')).toBeNull();
    await engine.removeImage('nothing:1');
    await engine.removeContainer('nothing');
    await engine.killContainer('nothing', 'SIGTERM');
  });

  it("gives the engine's own words where it refuses", async () => {
    const engine = await engineOf((_request, response) => answerJson(response, 500, { message: 'exec: not found' }));
    const error = await engine.startContainer('abc').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DockerApiError);
    expect(error).toMatchObject({ statusCode: 500, reason: 'exec: not found' });
  });

  it("gives the engine's own words where a pull is refused before it begins", async () => {
    const engine = await engineOf((_request, response) => answerJson(response, 500, { message: 'no such host' }));
    await expect(engine.pullImage('node:24-slim')).rejects.toThrow(
      'Docker could not get the image node:24-slim: no such host',
    );
  });

  it('asks for the tag of an image and keeps a digest whole', async () => {
    const asked: string[] = [];
    const engine = await engineOf((request, response) => {
      asked.push(request.url ?? '');
      response.end();
    });
    await engine.pullImage('localhost:5000/team/x:1.2');
    await engine.pullImage('alpine');
    await engine.pullImage('x@sha256:abc');
    expect(asked.map((url) => [...new URL(url, 'http://engine').searchParams])).toEqual([
      [
        ['fromImage', 'localhost:5000/team/x'],
        ['tag', '1.2'],
      ],
      [
        ['fromImage', 'alpine'],
        ['tag', 'latest'],
      ],
      [
        ['fromImage', 'x@sha256:abc'],
        ['tag', ''],
      ],
    ]);
  });

  it('is known to be gone where it breaks off within an answer', async () => {
    const engine = await engineOf((request, response) => {
      response.writeHead(200);
      response.write(request.url?.includes('/logs') ? '\u0001\0\0\0\0\0\0\u0002hi' : '{"StatusCode":');
      setImmediate(() => response.destroy());
    });
    await expect(engine.waitContainer('abc')).rejects.toThrow(UnavailableError);
    const reading = engine.containerLogs('abc', { stdout: () => {}, stderr: () => {}, follow: true });
    await expect(reading).rejects.toThrow(UnavailableError);
  });

  it('ends a stream with the reason of the signal', async () => {
    const controller = new AbortController();
    const engine = await engineOf((_request, response) => {
      response.writeHead(200);
      response.write('\u0001\0\0\0\0\0\0\u0002hi');
      controller.abort(new Error('watched enough'));
    });
    const reading = engine.containerLogs('abc', {
      stdout: () => {},
      stderr: () => {},
      follow: true,
      signal: controller.signal,
    });
    await expect(reading).rejects.toThrow('watched enough');
  });
});
