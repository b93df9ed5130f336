import { execFileSync } from 'node:child_process';
import { chmod, chown, mkdir, readdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { openContext } from '../../../src/doctor/context.ts';
import { probeStorage } from '../../../src/doctor/storage-probe.ts';
import { doctorRequest, type Findings, look } from '../../support/doctor.ts';
import { requireDocker, skip, slipway, temporaryDirectory } from '../../support/index.ts';
import { mountFrozen, mountReadOnly, mountTmpfs } from './mounts.ts';

const ids = ['storage.folder', 'storage.filesystem', 'storage.space', 'storage.writable', 'storage.owner'];
const nobody = 65534;

function lookAt(storageDirectory: string): Promise<Findings> {
  return look(ids, { storageDirectory, engine: 'host' });
}

/** The same as another user, through the command line. */
async function lookAsNobody(storage: string): Promise<Record<string, unknown>> {
  if (process.getuid?.() !== 0) skip('only root can become another user');
  const { stdout } = await slipway(['doctor', '/tmp', '--storage', storage, '--engine', 'host', '--json'], {
    cwd: '/',
    uid: nobody,
    environment: { HOME: '/nonexistent', PATH: '/usr/local/bin:/usr/bin:/bin' },
  });
  const { findings } = JSON.parse(stdout) as { findings: { id: string }[] };
  return Object.fromEntries(findings.map((finding) => [finding.id, finding]));
}

describe('a storage', () => {
  it('that is a folder of this user on a disk is written to, and nothing is left in it', async () => {
    await using folder = await temporaryDirectory();
    const found = await lookAt(folder.path);
    expect(found['storage.folder']?.status).toBe('fine');
    expect(found['storage.writable']).toMatchObject({ status: 'fine', facts: { durationMs: expect.any(Number) } });
    expect(found['storage.owner']?.status).toBe('fine');
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('that is not there yet can be made, safely', async () => {
    await using folder = await temporaryDirectory();
    const storage = folder.join('deep', 'storage');
    const found = await lookAt(storage);
    expect(found['storage.folder']).toMatchObject({
      status: 'warning',
      mend: { command: `mkdir -p ${storage}`, isSafe: true, argv: ['mkdir', '-p', storage] },
    });
    expect(found['storage.writable']).toMatchObject({
      status: 'skipped',
      text: expect.stringContaining('not there yet'),
    });
    expect(found['storage.space']?.facts).toHaveProperty('freeBytes');
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('that is a file is broken', async () => {
    await using folder = await temporaryDirectory();
    await writeFile(folder.join('file'), '');
    const found = await lookAt(folder.join('file'));
    expect(found['storage.folder']).toMatchObject({
      status: 'broken',
      text: expect.stringContaining('is not a folder'),
    });
  });

  it('in memory and too small is a warning and broken', async () => {
    await using disk = await mountTmpfs('size=2m');
    const found = await lookAt(disk.path);
    expect(found['storage.filesystem']).toMatchObject({ status: 'warning', facts: { type: 'tmpfs' } });
    expect(found['storage.space']).toMatchObject({ status: 'broken', facts: { totalBytes: 2_097_152 } });
    expect(found['storage.writable']?.status).toBe('fine');
  });

  it('that is full cannot be written', async () => {
    await using disk = await mountTmpfs('size=64k');
    await writeFile(`${disk.path}/data`, Buffer.alloc(64 * 1024));
    const found = await lookAt(disk.path);
    expect(found['storage.writable']).toMatchObject({
      status: 'broken',
      text: expect.stringContaining('the disk is full'),
      facts: { code: 'ENOSPC' },
    });
  });

  it('with room for few more files is broken, however much space there is', async () => {
    await using disk = await mountTmpfs('size=12g,nr_inodes=100');
    const found = await lookAt(disk.path);
    expect(found['storage.space']).toMatchObject({ status: 'broken', text: expect.stringContaining('inodes') });
  });

  it('that is mounted read-only is broken, with the command that mounts it otherwise', async () => {
    await using folder = await temporaryDirectory();
    await using mount = await mountReadOnly(folder.path);
    const found = await lookAt(mount.path);
    expect(found['storage.writable']).toMatchObject({
      status: 'broken',
      facts: { code: 'EROFS' },
      mend: { command: `sudo mount -o remount,rw ${mount.path}`, isSafe: false },
    });
  });

  it('of another user is broken for this one', async () => {
    await using folder = await temporaryDirectory();
    await chmod(folder.path, 0o755);
    const found = await lookAsNobody(folder.path);
    expect(found['storage.writable']).toMatchObject({
      status: 'broken',
      facts: { code: 'EACCES' },
      mend: { command: `sudo chown "$(id -u)" ${folder.path}`, isSafe: false },
    });
    const absent = await lookAsNobody(folder.join('storage'));
    expect(absent['storage.folder']).toMatchObject({
      status: 'broken',
      mend: { command: expect.stringContaining('sudo install -d'), isSafe: false },
    });
  });

  it('of another user is a warning for root, and is closed to containers of root', async () => {
    if (process.getuid?.() !== 0) skip('only root can give folders away');
    await requireDocker();
    await using folder = await temporaryDirectory();
    await chmod(folder.path, 0o755);
    await chown(folder.path, nobody, nobody);
    const found = await look(['storage.owner', 'storage.container', 'engine.container'], {
      storageDirectory: folder.path,
      engine: 'docker',
    });
    expect(found['storage.owner']).toMatchObject({ status: 'warning', facts: { ownerUid: nobody } });
    if (found['engine.container']?.status !== 'fine') skip('the engine has no image to start a container of');
    expect(found['storage.container']).toMatchObject({
      status: 'broken',
      text: expect.stringMatching(/may not write to it: .*[Pp]ermission denied/),
    });
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('is written from a container where it belongs to this user', async () => {
    await requireDocker();
    await using folder = await temporaryDirectory();
    const found = await look(['storage.container', 'engine.container'], {
      storageDirectory: folder.path,
      engine: 'docker',
    });
    if (found['engine.container']?.status !== 'fine') skip('the engine has no image to start a container of');
    expect(found['storage.container']?.status).toBe('fine');
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('whose file system is a layer of a container is a warning', async () => {
    await using folder = await temporaryDirectory();
    for (const name of ['lower', 'upper', 'work', 'merged']) await mkdir(folder.join(name));
    const layers = ['lower', 'upper', 'work'].map((name) => `${name}dir=${folder.join(name)}`).join(',');
    const target = folder.join('merged');
    try {
      execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', layers, target], { stdio: 'ignore' });
    } catch {
      skip('an overlay may not be mounted here');
    }
    try {
      const found = await lookAt(target);
      expect(found['storage.filesystem']).toMatchObject({
        status: 'warning',
        text: expect.stringContaining('go with it'),
        facts: { type: 'overlay' },
      });
    } finally {
      execFileSync('umount', [target]);
    }
  });

  it('whose file system hangs is left behind, and what it said before is kept', async () => {
    await using mount = await mountFrozen();
    const context = openContext(doctorRequest({ storageDirectory: mount.path }), new AbortController().signal);
    const probe = await probeStorage(context, 1500);
    await context.close();
    expect(probe).toMatchObject({ isSilent: true, stat: { isThere: true }, write: null });
  });
});
