import { execFileSync } from 'node:child_process';
import { chmod, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Findings, look } from '../../support/doctor.ts';
import { skip, slipway, type TemporaryDirectory, temporaryDirectory } from '../../support/index.ts';

const checkout = resolve(import.meta.dirname, '../../..');
const names = ['pngjs', 'yauzl', 'fastest-levenshtein'].map((name) => `node_modules/${name}`);

interface LockFile {
  packages: Record<string, { version?: string; integrity?: string }>;
}

/** A project with some of this checkout's packages, copied as npm installed them, and the lock that npm made of them. */
async function projectWithPackages(): Promise<TemporaryDirectory> {
  const folder = await temporaryDirectory();
  const lock = JSON.parse(await readFile(resolve(checkout, 'package-lock.json'), 'utf8')) as LockFile;
  const packages = Object.fromEntries(names.map((name) => [name, lock.packages[name]]));
  await writeFile(folder.join('package.json'), JSON.stringify({ name: 'copied', version: '1.0.0' }));
  await writeFile(folder.join('package-lock.json'), JSON.stringify({ packages: { '': {}, ...packages } }));
  await mkdir(folder.join('node_modules'));
  await writeFile(folder.join('node_modules', '.package-lock.json'), JSON.stringify({ packages }));
  for (const name of names) await cp(resolve(checkout, name), folder.join(name), { recursive: true });
  return folder;
}

function lookAt(folder: TemporaryDirectory, engine: 'host' | 'docker' = 'host'): Promise<Findings> {
  return look(['packages.installed', 'packages.files'], { projectDirectory: folder.path, engine });
}

async function change(file: string, edit: (lock: LockFile) => void): Promise<void> {
  const lock = JSON.parse(await readFile(file, 'utf8')) as LockFile;
  edit(lock);
  await writeFile(file, JSON.stringify(lock));
}

describe('npm packages', () => {
  it('are fine where they are what the lock says, whatever the files’ times', async () => {
    await using folder = await projectWithPackages();
    const found = await lookAt(folder);
    expect(found['packages.installed']).toMatchObject({ status: 'fine', facts: { count: 3 } });
    expect(found['packages.files']).toMatchObject({ status: 'fine', text: 'All 3 folders are there' });
  });

  it('are fine in this checkout', async () => {
    const found = await look(['packages.files'], { engine: 'host' });
    expect(found['packages.files']?.status).toBe('fine');
  });

  it('are broken where one was taken out of the tree, and what mends it is left to the person', async () => {
    await using folder = await projectWithPackages();
    await rm(folder.join('node_modules', 'pngjs'), { recursive: true });
    const found = await lookAt(folder);
    expect(found['packages.installed']?.status).toBe('fine');
    expect(found['packages.files']).toMatchObject({
      status: 'broken',
      text: 'pngjs is not there whole, although npm installed it',
      // It deletes node_modules before it installs anything.
      mend: { command: `npm ci --ignore-scripts --prefix ${folder.path}`, isSafe: false, argv: null },
    });
  });

  it('are broken where a package is of another version than npm wrote down', async () => {
    await using folder = await projectWithPackages();
    await writeFile(folder.join('node_modules', 'yauzl', 'package.json'), '{"name":"yauzl","version":"0.0.1"}');
    expect((await lookAt(folder))['packages.files']).toMatchObject({
      status: 'broken',
      facts: { damaged: ['node_modules/yauzl'] },
    });
  });

  it('are broken where the lock differs', async () => {
    await using folder = await projectWithPackages();
    await change(folder.join('package-lock.json'), ({ packages }) => {
      packages['node_modules/pngjs'] = { version: '99.0.0' };
      packages['node_modules/new'] = { version: '1.0.0' };
    });
    const { 'packages.installed': found } = await lookAt(folder);
    expect(found).toMatchObject({
      status: 'broken',
      text: 'node_modules is not what package-lock.json says: new missing, pngjs in another version',
      mend: { isSafe: false },
    });
  });

  it('are a warning where there is one too many, or no lock', async () => {
    await using folder = await projectWithPackages();
    await change(folder.join('package-lock.json'), ({ packages }) => {
      delete packages['node_modules/pngjs'];
    });
    expect((await lookAt(folder))['packages.installed']).toMatchObject({
      status: 'warning',
      text: expect.stringContaining('pngjs not in the lock'),
    });
    await rm(folder.join('package-lock.json'));
    expect((await lookAt(folder))['packages.installed']).toMatchObject({
      status: 'warning',
      text: expect.stringContaining('no package-lock.json'),
    });
  });

  it('are broken where they are not installed and a run on the host needs them', async () => {
    await using folder = await projectWithPackages();
    await rm(folder.join('node_modules'), { recursive: true });
    expect((await lookAt(folder))['packages.installed']).toMatchObject({
      status: 'broken',
      text: expect.stringContaining('not installed'),
      mend: { isSafe: false },
    });
  });

  it('are broken where a file of them is no JSON', async () => {
    await using folder = await projectWithPackages();
    await writeFile(folder.join('package-lock.json'), '{"packages":');
    expect((await lookAt(folder))['packages.installed']).toMatchObject({ status: 'broken' });
    await writeFile(folder.join('package.json'), '<<<<<<< HEAD');
    const found = await look(['packages.installed', 'tensorflow.training'], {
      projectDirectory: folder.path,
      engine: 'host',
    });
    expect(found['packages.manifest']).toMatchObject({
      status: 'broken',
      text: expect.stringContaining('cannot be read'),
    });
    expect(found['tensorflow.training']?.status).toBe('skipped');
  });

  it('are not needed where there is no package.json', async () => {
    await using folder = await temporaryDirectory();
    const found = await look(['packages.files', 'tensorflow.training', 'project.commit'], {
      projectDirectory: folder.path,
      engine: 'host',
    });
    for (const id of ['packages.manifest', 'packages.files', 'tensorflow.training', 'project.mlproject']) {
      expect(found[id]?.status).toBe('skipped');
    }
  });
});

describe('the project', () => {
  it('is broken where its MLproject is malformed, with the place', async () => {
    await using folder = await temporaryDirectory();
    await writeFile(folder.join('MLproject'), 'name: cells\nentry_points: 7\n');
    const { 'project.mlproject': found } = await look(['project.mlproject'], { projectDirectory: folder.path });
    expect(found).toMatchObject({ status: 'broken', text: expect.stringContaining('MLproject') });
  });

  it('is a warning where no git tells its version', async () => {
    await using folder = await temporaryDirectory();
    await writeFile(folder.join('MLproject'), 'name: cells\n');
    const { 'project.commit': found } = await look(['project.commit'], { projectDirectory: folder.path });
    expect(found).toMatchObject({ status: 'warning', text: expect.stringContaining('could not be had again') });
  });

  it('is broken where git does not trust its owner, with the command that says it may', async () => {
    if (process.getuid?.() !== 0) skip('only root can become another user');
    await using folder = await temporaryDirectory();
    execFileSync('git', ['init', '--quiet', folder.path]);
    await writeFile(folder.join('MLproject'), 'name: cells\n');
    await chmod(folder.path, 0o755);
    const environment = {
      DOCKER_HOST: 'unix:///nonexistent',
      HOME: '/nonexistent',
      PATH: '/usr/local/bin:/usr/bin:/bin',
    };
    const end = await slipway(['doctor', folder.path, '--json'], { cwd: '/', uid: 65534, environment });
    const { findings } = JSON.parse(end.stdout) as { findings: { id: string }[] };
    expect(findings.find(({ id }) => id === 'project.commit')).toMatchObject({
      status: 'broken',
      mend: { command: `git config --global --add safe.directory ${folder.path}`, isSafe: false },
    });
  });
});
