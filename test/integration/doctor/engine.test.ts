import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, request } from 'node:http';
import { connect, createServer, type Server } from 'node:net';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { environment } from '../../../src/config.ts';
import { look } from '../../support/doctor.ts';
import { requireDocker, skip, slipway, temporaryDirectory } from '../../support/index.ts';
import { mountTmpfs } from './mounts.ts';

const socket = '/var/run/docker.sock';
const path = process.env.PATH;

/** A socket before the real engine that hands everything on, but for answers that are changed on their way. */
async function startEngineProxy(
  listenAt: string,
  change: (url: string, body: string) => { body?: string; status?: number; headers?: Record<string, string> } | null,
): Promise<AsyncDisposable> {
  const server = createHttpServer((incoming, outgoing) => {
    const { method, url = '', headers } = incoming;
    const onward = request({ socketPath: socket, method, path: url, headers }, (reply) => {
      const chunks: Buffer[] = [];
      reply.on('data', (chunk: Buffer) => chunks.push(chunk));
      reply.on('end', () => {
        const body = Buffer.concat(chunks);
        const changed = change(url, body.toString());
        const { 'content-length': _, 'transfer-encoding': __, ...kept } = reply.headers;
        outgoing.writeHead(changed?.status ?? reply.statusCode ?? 502, { ...kept, ...changed?.headers });
        outgoing.end(changed?.body ?? body);
      });
    });
    incoming.pipe(onward);
  });
  return listen(server, listenAt);
}

async function listen(server: Server, at: string): Promise<AsyncDisposable> {
  await new Promise<void>((resolve) => server.listen(at, resolve));
  return {
    [Symbol.asyncDispose]: async () => {
      if ('closeAllConnections' in server) (server as ReturnType<typeof createHttpServer>).closeAllConnections();
      server.close();
    },
  };
}

function host(at: string): { environment: Record<string, string | undefined> } {
  return { environment: { PATH: path, HOME: '/nonexistent', DOCKER_HOST: `unix://${at}` } };
}

describe('an engine that does not answer', () => {
  it('is broken where it was named, and stands in the way of all that needs it', async () => {
    await using folder = await temporaryDirectory();
    const found = await look(['engine.container', 'storage.container'], host(folder.join('none.sock')));
    expect(found['engine.reachable']).toMatchObject({
      status: 'broken',
      text: expect.stringContaining('No Docker engine runs here: there is no socket at'),
      mend: { command: 'unset DOCKER_HOST', isSafe: false },
      facts: { reason: 'ENOENT' },
    });
    expect(found['engine.container']).toMatchObject({
      status: 'skipped',
      text: 'Not checked: no Docker engine answers',
    });
    expect(found['storage.container']).toMatchObject({ status: 'skipped', blockedBy: 'engine.reachable' });
  });

  it('is told apart from a socket at which nobody listens', async () => {
    await using folder = await temporaryDirectory();
    const at = folder.join('dead.sock');
    // A listener that is killed leaves its socket behind.
    const script = `require('net').createServer().listen(${JSON.stringify(at)}, () => process.kill(process.pid, 'SIGKILL'))`;
    expect(() => execFileSync(process.execPath, ['-e', script], { stdio: 'ignore' })).toThrow();
    const { 'engine.reachable': found } = await look(['engine.reachable'], { ...host(at), engine: 'docker' });
    expect(found).toMatchObject({ status: 'broken', text: expect.stringContaining('nothing listens there') });
  });

  it('is told apart from one that says nothing', { timeout: 30_000 }, async () => {
    await using folder = await temporaryDirectory();
    await using _server = await listen(createServer(), folder.join('silent.sock'));
    const { 'engine.reachable': found } = await look(
      ['engine.reachable'],
      host(folder.join('silent.sock')),
      {},
      (check) => ({ ...check, timeoutMs: 300 }),
    );
    expect(found).toMatchObject({ status: 'broken', text: 'There was no answer in 300 ms' });
  });

  it('is told apart from one whose socket this user may not use', async () => {
    if (process.getuid?.() !== 0) skip('only root can become another user');
    await using folder = await temporaryDirectory();
    await chmod(folder.path, 0o755);
    const at = folder.join('root.sock');
    await using _server = await listen(createServer(), at);
    await chmod(at, 0o600);
    const end = await slipway(['doctor', folder.path, '--json'], {
      cwd: '/',
      uid: 65534,
      environment: { DOCKER_HOST: `unix://${at}`, HOME: '/nonexistent', PATH: '/usr/local/bin:/usr/bin:/bin' },
    });
    const { findings } = JSON.parse(end.stdout) as { findings: { id: string }[] };
    expect(findings.find(({ id }) => id === 'engine.reachable')).toMatchObject({
      status: 'broken',
      text: expect.stringContaining('permission on its socket is denied'),
      mend: { command: expect.stringContaining('usermod -aG docker'), isSafe: false },
    });
  });

  it('is a warning where a run would fall back to the host', async () => {
    await using folder = await temporaryDirectory();
    const docker = folder.join('.docker');
    const meta = `${docker}/contexts/meta/${createHash('sha256').update('away').digest('hex')}`;
    await mkdir(meta, { recursive: true });
    await writeFile(`${docker}/config.json`, JSON.stringify({ currentContext: 'away' }));
    const Host = `unix://${folder.join('none.sock')}`;
    await writeFile(`${meta}/meta.json`, JSON.stringify({ Name: 'away', Endpoints: { docker: { Host } } }));
    const found = await look(['engine.disk'], { environment: { PATH: path, HOME: folder.path } });
    expect(found['engine.reachable']).toMatchObject({
      status: 'warning',
      text: expect.stringContaining('Runs execute on this machine instead, without a container'),
    });
    expect(found['engine.disk']?.status).toBe('skipped');
  });

  it('is broken where the address cannot be one, or leads to another machine', async () => {
    const named = (DOCKER_HOST: string) =>
      look(['engine.reachable'], { environment: { PATH: path, HOME: '/nonexistent', DOCKER_HOST } });
    expect((await named('gopher://x'))['engine.reachable']).toMatchObject({
      status: 'broken',
      text: expect.stringContaining('DOCKER_HOST has the scheme'),
    });
    await requireDocker();
    // The real engine, reached over TCP as one of another machine is.
    const server = createServer((client) => {
      const engine = connect(socket);
      client.pipe(engine).pipe(client);
      for (const end of [client, engine]) end.on('error', () => end.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const found = await named(`tcp://127.0.0.1:${port}`);
    server.close();
    expect(found['engine.reachable']).toMatchObject({
      status: 'broken',
      text: expect.stringContaining('runs on another machine'),
    });
  });
});

describe('an engine that answers', () => {
  it('is fine as it is here, and leaves no container behind', async () => {
    const docker = await requireDocker();
    const found = await look(['engine.version', 'engine.builder', 'engine.container'], { engine: 'docker' });
    expect(found['engine.reachable']?.status).toBe('fine');
    expect(found['engine.version']).toMatchObject({ status: 'fine', facts: { apiVersion: expect.any(String) } });
    expect(found['engine.builder']).toMatchObject({ status: 'fine' });
    expect(['fine', 'warning']).toContain(found['engine.container']?.status);
    expect(await docker.listContainers({ label: 'slipway.doctor' })).toEqual([]);
  });

  it('that is too old is broken, and one whose client builds with BuildKit is told', async () => {
    await requireDocker();
    await using folder = await temporaryDirectory();
    const at = folder.join('old.sock');
    await using _proxy = await startEngineProxy(at, (url, body) => {
      if (url.includes('_ping')) return { headers: { 'Builder-Version': '2' } };
      return url.includes('/version') ? { body: JSON.stringify({ ...JSON.parse(body), ApiVersion: '1.39' }) } : null;
    });
    const found = await look(['engine.version', 'engine.builder'], host(at));
    expect(found['engine.version']).toMatchObject({ status: 'broken', text: expect.stringContaining('too old') });
    expect(found['engine.builder']).toMatchObject({ facts: { builder: 'buildkit' } });
  });

  it('whose disk is nearly full is broken', async () => {
    await requireDocker();
    await using disk = await mountTmpfs('size=2m');
    await using folder = await temporaryDirectory();
    const at = folder.join('full.sock');
    await using _proxy = await startEngineProxy(at, (url, body) =>
      url.includes('/info') ? { body: JSON.stringify({ ...JSON.parse(body), DockerRootDir: disk.path }) } : null,
    );
    const { 'engine.disk': found } = await look(['engine.disk'], host(at));
    expect(found).toMatchObject({ status: 'broken', facts: { totalBytes: 2_097_152 }, mend: { isSafe: false } });
  });

  it('that has no image yet is told so, and nothing is built', async () => {
    const docker = await requireDocker();
    await using folder = await temporaryDirectory();
    const at = folder.join('empty.sock');
    await using _proxy = await startEngineProxy(at, (url) => {
      if (/\/images\/json/.test(url)) return { body: '[]' };
      return /\/images\//.test(url) ? { status: 404, body: '{"message":"no such image"}' } : null;
    });
    const before = await docker.listContainers({ label: 'slipway.doctor' });
    const found = await look(['engine.container', 'tracking.container', 'storage.container'], host(at));
    expect(found['engine.container']).toMatchObject({ status: 'warning', text: expect.stringContaining('first run') });
    expect(found['storage.container']?.status).toBe('skipped');
    expect(await docker.listContainers({ label: 'slipway.doctor' })).toEqual(before);
  });

  it('whose containers do not start is broken', async () => {
    const docker = await requireDocker();
    const reference = `slipway-test-no-shell:${process.pid}`;
    // An archive without files: two blocks of zeros.
    await docker.importImage(Readable.from([Buffer.alloc(1024)]), reference);
    try {
      const { 'engine.container': found } = await look(['engine.container'], {
        engine: 'docker',
        baseImage: reference,
      });
      expect(found).toMatchObject({ status: 'broken', text: expect.stringMatching(/exit code 127: .*\/bin\/sh/) });
      expect(await docker.listContainers({ label: 'slipway.doctor' })).toEqual([]);
    } finally {
      await docker.removeImage(reference);
    }
  });
});

describe('GPUs that are asked for', () => {
  it('need an NVIDIA runtime in the engine', async () => {
    const docker = await requireDocker();
    const { runtimes } = await docker.info();
    if (runtimes.includes('nvidia')) skip('this engine has an NVIDIA runtime');
    const asked = await look(['engine.nvidia', 'gpu.container'], { engine: 'docker', gpus: 'all' });
    expect(asked['engine.nvidia']).toMatchObject({
      status: 'broken',
      mend: { command: expect.stringContaining('nvidia-ctk'), isSafe: false },
    });
    expect(asked['gpu.container']?.status).toBe('skipped');
    const notAsked = await look(['engine.nvidia'], { engine: 'docker' });
    expect(['skipped', 'warning']).toContain(notAsked['engine.nvidia']?.status);
  });

  it('must come to a container, whatever the engine says of itself', async () => {
    const docker = await requireDocker();
    if ((await docker.info()).runtimes.includes('nvidia')) skip('this engine has an NVIDIA runtime');
    await using folder = await temporaryDirectory();
    const at = folder.join('gpu.sock');
    await using _proxy = await startEngineProxy(at, (url, body) => {
      if (!url.includes('/info')) return null;
      const info = JSON.parse(body) as { Runtimes: object };
      return { body: JSON.stringify({ ...info, Runtimes: { ...info.Runtimes, nvidia: {} } }) };
    });
    const tool = folder.join('nvidia-smi');
    await writeFile(tool, '#!/bin/sh\necho "0, NVIDIA A100, 40960, GPU-a, 550.54.15"\n', { mode: 0o755 });
    const variables = { ...environment(), DOCKER_HOST: `unix://${at}`, PATH: `${folder.path}:${path}` };
    const found = await look(['gpu.devices', 'gpu.container'], { environment: variables, gpus: 'all' });
    expect(found['engine.nvidia']?.status).toBe('fine');
    expect(found['gpu.devices']).toMatchObject({ status: 'fine', text: expect.stringContaining('NVIDIA A100') });
    expect(found['gpu.container']).toMatchObject({
      status: 'broken',
      text: expect.stringContaining('cannot be started'),
    });
    expect(await docker.listContainers({ label: 'slipway.doctor' })).toEqual([]);
  });
});
