import { execFile } from 'node:child_process';
import { stat, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { requireDocker } from '../../support/index.ts';
import { logRun, readRun, trackingStorage } from './tracking-storage.ts';

const run = promisify(execFile);

async function inspect(id: string): Promise<{
  HostConfig: Record<string, unknown>;
  Config: { User: string; Image: string };
  NetworkSettings: { Ports: Record<string, { HostIp: string; HostPort: string }[]> };
}> {
  const { stdout } = await run('docker', ['inspect', id]);
  return JSON.parse(stdout)[0];
}

describe('the embedded tracking server as a container', () => {
  // The image is built once on a machine, which takes minutes.
  beforeAll(async () => {
    await using storage = await trackingStorage(await requireDocker());
    await storage.ensure();
  });

  it('serves on the loopback interface alone, as the caller, without rights it does not need', async () => {
    await using storage = await trackingStorage(await requireDocker());
    const server = await storage.ensure();
    expect(server).toMatchObject({ kind: 'docker', reused: false });
    const container = await inspect(server.id);
    expect(container.NetworkSettings.Ports['5000/tcp']).toEqual([
      { HostIp: '127.0.0.1', HostPort: String(server.port) },
    ]);
    expect(container.Config.User).toBe(`${process.getuid?.()}:${process.getgid?.()}`);
    expect(container.HostConfig).toMatchObject({
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      RestartPolicy: { Name: 'unless-stopped' },
    });
    expect(await storage.ensure()).toEqual({ ...server, reused: true });
    await logRun(server, 'owned');
    expect((await stat(storage.directory.join('mlflow/mlflow.db'))).uid).toBe(process.getuid?.());
  });

  it('is started once by two processes at the same moment, which both end', async () => {
    await using storage = await trackingStorage(await requireDocker());
    const how = { prefer: 'docker' } as const;
    const servers = await Promise.all([storage.ensureElsewhere(how), storage.ensureElsewhere(how)]);
    expect(servers.map(({ reused }) => reused).toSorted()).toEqual([false, true]);
    expect(servers[0].id).toBe(servers[1].id);
  });

  it('says what the server said when it cannot start, and leaves no container that tries for ever', async () => {
    await using storage = await trackingStorage(await requireDocker());
    await storage.ensure();
    await storage.stop();
    await writeFile(storage.directory.join('mlflow/mlflow.db'), 'this is no database');
    await expect(storage.ensure()).rejects.toMatchObject({
      name: 'UnavailableError',
      message: expect.stringMatching(/\(docker\) did not start: its container ended/),
    });
    expect(await storage.stop()).toBe(false);
  });

  it('comes from an image that holds neither installers nor what the build was trusted with', async () => {
    await using storage = await trackingStorage(await requireDocker());
    const server = await storage.ensure();
    const { Config } = await inspect(server.id);
    const look = 'ls /tmp/ca /usr/local/share/ca-certificates/extra.crt /opt/mlflow/bin/pip 2>/dev/null; echo done';
    const { stdout } = await run('docker', ['run', '--rm', '--entrypoint', 'sh', Config.Image, '-c', look]);
    expect(stdout).toBe('done\n');
  });

  it('keeps its runs over a stop, and over a change to Python and back', async () => {
    await using storage = await trackingStorage(await requireDocker());
    const first = await storage.ensure();
    const inContainer = await logRun(first, 'in a container');
    expect(await storage.stop()).toBe(true);
    await expect(inspect(first.id)).rejects.toThrow();

    const second = await storage.ensure({ prefer: 'python' });
    expect(second.kind).toBe('python');
    expect(await readRun(second, inContainer)).toEqual({ loss: 0.25, notes: 'notes of in a container' });
    const inProcess = await logRun(second, 'in a process');
    await storage.stop();

    const third = await storage.ensure();
    expect(third.kind).toBe('docker');
    expect(await readRun(third, inContainer)).toEqual({ loss: 0.25, notes: 'notes of in a container' });
    expect(await readRun(third, inProcess)).toEqual({ loss: 0.25, notes: 'notes of in a process' });
  });

  it('is found and used by a caller that would rather have the other way', async () => {
    await using storage = await trackingStorage(await requireDocker());
    const server = await storage.ensure();
    expect(await storage.ensure({ prefer: 'python' })).toEqual({ ...server, reused: true });
  });

  it('is replaced when its container is gone, with its data', async () => {
    await using storage = await trackingStorage(await requireDocker());
    const removed = await storage.ensure();
    const runId = await logRun(removed, 'kept');
    await run('docker', ['rm', '--force', removed.id]);
    const server = await storage.ensure();
    expect(server).toMatchObject({ kind: 'docker', reused: false, port: removed.port });
    expect(await readRun(server, runId)).toEqual({ loss: 0.25, notes: 'notes of kept' });
  });
});
