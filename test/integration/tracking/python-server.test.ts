import { once } from 'node:events';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { mlflowVersion, stopTrackingServer, trackingServerStatus } from '../../../src/tracking/index.ts';
import { trackingPaths } from '../../../src/tracking/paths.ts';
import { findServerProcesses } from '../../../src/tracking/server-processes.ts';
import { requirePython, skip, temporaryDirectory } from '../../support/index.ts';
import { logRun, readRun, trackingStorage } from './tracking-storage.ts';

const nobody = 65_534;

describe('the embedded tracking server from a Python environment', () => {
  it('starts on the loopback interface, is recorded, reused, and ends with nothing left behind', async () => {
    await using storage = await trackingStorage();
    const server = await storage.ensure();
    expect(server).toMatchObject({ kind: 'python', mlflowVersion, reused: false });
    expect(server.uri).toBe(`http://127.0.0.1:${server.port}`);
    const { reused: _, ...recorded } = server;
    expect(JSON.parse(await readFile(storage.directory.join('mlflow/server.json'), 'utf8'))).toEqual(recorded);
    expect(await storage.ensure()).toEqual({ ...recorded, reused: true });

    const options = { storageDirectory: storage.directory.path, environment: {}, docker: null };
    expect(await trackingServerStatus(options)).toEqual(recorded);
    expect(await storage.stop()).toBe(true);
    expect(await trackingServerStatus(options)).toBeNull();
    expect(await findServerProcesses(trackingPaths(storage.directory.path).key)).toEqual([]);
    expect(await storage.stop()).toBe(false);
  });

  it('is started once by two processes that want it at the same moment', async () => {
    await using storage = await trackingStorage();
    const servers = await Promise.all([storage.ensureElsewhere(), storage.ensureElsewhere()]);
    expect(servers.map(({ reused }) => reused).toSorted()).toEqual([false, true]);
    expect(servers[0].id).toBe(servers[1].id);
    expect(servers[0].uri).toBe(servers[1].uri);
  });

  it('is replaced when it was killed, with its data and at its port', async () => {
    await using storage = await trackingStorage();
    const killed = await storage.ensure();
    const runId = await logRun(killed, 'before');
    for (const processId of await findServerProcesses(trackingPaths(storage.directory.path).key)) {
      process.kill(processId, 'SIGKILL');
    }
    const server = await storage.ensure();
    expect(server.reused).toBe(false);
    expect(server.id).not.toBe(killed.id);
    expect(server.port).toBe(killed.port);
    expect(await readRun(server, runId)).toEqual({ loss: 0.25, notes: 'notes of before' });
  });

  it('is replaced when another storage has its port by now, and leaves that one alone', async () => {
    await using storage = await trackingStorage();
    await using other = await trackingStorage();
    const gone = await storage.ensure();
    await storage.stop();
    const stranger = await other.ensure();
    expect(stranger.port).toBe(gone.port);
    // As a machine leaves it that lost power: the record stays, and the port is another's.
    await writeFile(storage.directory.join('mlflow/server.json'), JSON.stringify({ ...gone, reused: undefined }));
    const server = await storage.ensure();
    expect(server).toMatchObject({ reused: false });
    expect(server.port).not.toBe(stranger.port);
    expect(await other.ensure()).toMatchObject({ reused: true, id: stranger.id });
  });

  it('takes the next port, and says so, when the usual one is taken', async () => {
    await using storage = await trackingStorage();
    const squatter = createServer((_, response) => response.end('not a tracking server'));
    squatter.listen(5000, '127.0.0.1');
    const squatted = await once(squatter, 'listening').then(
      () => true,
      () => false,
    );
    try {
      const server = await storage.ensure();
      expect(server.port).toBeGreaterThan(5000);
      expect(storage.notices).toEqual([expect.stringMatching(`port ${server.port}: port 5000 is taken`)]);
    } finally {
      if (squatted) squatter.close();
    }
  });

  it('is found by its mark and replaced when its record is damaged', async () => {
    await using storage = await trackingStorage();
    const lost = await storage.ensure();
    await writeFile(storage.directory.join('mlflow/server.json'), '{"uri": ');
    const server = await storage.ensure();
    expect(server.reused).toBe(false);
    expect(() => process.kill(Number(lost.id), 0)).toThrow('ESRCH');
  });

  it('leaves no process behind when its start is aborted', async () => {
    await using storage = await trackingStorage();
    const controller = new AbortController();
    const starting = storage.ensure({
      signal: controller.signal,
      onProgress: (line) => {
        if (line.startsWith('waiting')) controller.abort(new Error('enough'));
      },
    });
    await expect(starting).rejects.toThrow('enough');
    expect(await findServerProcesses(trackingPaths(storage.directory.path).key)).toEqual([]);
  });

  it('says what the server said when it cannot start', async () => {
    await using storage = await trackingStorage();
    await storage.ensure();
    await storage.stop();
    await writeFile(storage.directory.join('mlflow/mlflow.db'), 'this is no database');
    await expect(storage.ensure()).rejects.toMatchObject({
      name: 'UnavailableError',
      message: expect.stringMatching(/did not start: .*(not a database|exit code)/),
      hint: expect.stringContaining('server.log'),
    });
  });

  it('names the folder that its user may not write', async () => {
    if (process.getuid?.() !== 0) skip('only root can become another user');
    await using storage = await trackingStorage();
    for (const mode of [0o700, 0o755]) {
      await chmod(storage.directory.path, mode);
      const failure = await storage.ensureElsewhere({ uid: nobody });
      expect(failure.name).toBe('CannotWriteError');
      expect(failure.message).toContain(storage.directory.join('mlflow'));
    }
  });

  it('makes its own environment where none is named', { timeout: 900_000 }, async () => {
    await requirePython();
    await using directory = await temporaryDirectory('slipway-storage-');
    await using storage = await trackingStorage();
    const options = { storageDirectory: directory.path, environment: process.env, docker: null };
    const progress: string[] = [];
    try {
      const server = await storage.ensure({ ...options, onProgress: (line) => progress.push(line) });
      expect(server).toMatchObject({ kind: 'python', mlflowVersion });
      expect(progress).toContainEqual(expect.stringMatching(/^installing MLflow .*mlflow-3/));
      expect(progress).toContainEqual(expect.stringMatching(/^installed MLflow .* in .* (s|min)/));
    } finally {
      await stopTrackingServer(options);
    }
  });
});
