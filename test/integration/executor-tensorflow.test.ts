import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ensureHostTensorflow, needsTensorflow } from '../../src/executors/host-tensorflow.ts';
import { skip, type TemporaryDirectory, temporaryDirectory } from '../support/index.ts';

const installed = resolve(import.meta.dirname, '../../node_modules');
const binding = '@tensorflow/tfjs-node-gpu';

function has(command: string, ...words: string[]): boolean {
  try {
    execFileSync(command, words, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A project whose packages are installed and whose binding was never built, as after `npm ci --ignore-scripts`. */
function freshProject(folder: TemporaryDirectory): string {
  const project = folder.join('project');
  const modules = join(project, 'node_modules');
  mkdirSync(join(modules, '@tensorflow'), { recursive: true });
  for (const name of readdirSync(installed)) {
    if (name !== '@tensorflow' && !name.startsWith('.')) symlinkSync(join(installed, name), join(modules, name));
  }
  for (const name of readdirSync(join(installed, '@tensorflow'))) {
    if (`@tensorflow/${name}` !== binding)
      symlinkSync(join(installed, '@tensorflow', name), join(modules, '@tensorflow', name));
  }
  for (const part of ['package.json', 'binding', 'dist']) {
    cpSync(join(installed, binding, part), join(modules, binding, part), { recursive: true });
  }
  writeFileSync(join(project, 'package.json'), JSON.stringify({ optionalDependencies: { [binding]: '4.22.0' } }));
  return project;
}

describe('TensorFlow on the host', () => {
  it('is made once from the official wheel, kept, linked, and computes', async () => {
    if (!existsSync(join(installed, binding))) skip(`the npm package ${binding} is not installed`);
    if (!has('python3', '-m', 'pip', '--version')) skip('python3 with pip is not installed');
    if (!has('g++', '--version')) skip('g++ is not installed');
    await using folder = await temporaryDirectory();
    const project = freshProject(folder);
    expect(await needsTensorflow(project)).toBe(true);
    const lines: string[] = [];
    const options = {
      projectDirectory: project,
      cacheDirectory: folder.join('cache'),
      flavor: 'cpu',
      signal: AbortSignal.timeout(280_000),
      onProgress: (line: string) => lines.push(line),
    } as const;
    expect(await ensureHostTensorflow(options)).toBe(true);
    expect(lines).toContain('Downloading TensorFlow (cpu)');
    const program = `
      const util = require('node:util');
      util.isNullOrUndefined = (value) => value == null;
      util.isArray = Array.isArray;
      const tf = require('${binding}');
      console.log(tf.getBackend(), tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])).sum().dataSync()[0]);`;
    const output = execFileSync(process.execPath, ['--preserve-symlinks', '-e', program], {
      cwd: project,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    expect(output.trim()).toBe('tensorflow 12');

    lines.length = 0;
    expect(await ensureHostTensorflow(options)).toBe(false);
    expect(lines).toEqual([]);

    // Packages that npm put above the folder that needs them, as those of an installed package.
    expect(await ensureHostTensorflow({ ...options, projectDirectory: join(project, 'node_modules', 'inner') })).toBe(
      false,
    );

    // Another storage folder: what is linked serves, and nothing is fetched.
    expect(await ensureHostTensorflow({ ...options, cacheDirectory: folder.join('other') })).toBe(false);
    expect(existsSync(folder.join('other'))).toBe(false);

    // A fresh clone on the same machine: the libraries are there, the binding is compiled.
    rmSync(project, { recursive: true });
    freshProject(folder);
    expect(await ensureHostTensorflow(options)).toBe(true);
    expect(lines).toEqual(["Compiling TensorFlow's binding"]);
  });

  it('is not needed by a project that does not depend on it', async () => {
    await using folder = await temporaryDirectory();
    expect(await needsTensorflow(folder.path)).toBe(false);
    writeFileSync(folder.join('package.json'), '{"dependencies": {"zod": "4"}}');
    expect(await needsTensorflow(folder.path)).toBe(false);
  });

  it('says to install the npm packages first', async () => {
    await using folder = await temporaryDirectory();
    const options = {
      projectDirectory: folder.path,
      cacheDirectory: folder.join('cache'),
      flavor: 'cpu',
      signal: AbortSignal.timeout(10_000),
      onProgress: () => {},
    } as const;
    await expect(ensureHostTensorflow(options)).rejects.toMatchObject({ hint: '`make setup`' });
  });
});
