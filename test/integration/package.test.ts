import { execFile } from 'node:child_process';
import { symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TemporaryDirectory, temporaryDirectory } from '../support/index.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

/** Packed and unpacked where a project that depends on Slipway would have it, with the modules of this checkout. */
describe('the npm package', () => {
  let project: TemporaryDirectory;
  let files: string[];

  beforeAll(async () => {
    project = await temporaryDirectory();
    const unpacked = project.join('node_modules/slipway');
    await run('mkdir', ['-p', unpacked]);
    await run('npm', ['run', 'build'], { cwd: root });
    await run('npm', ['pack', '--ignore-scripts', '--pack-destination', project.path], { cwd: root });
    await run('tar', ['-xzf', project.join('slipway-0.1.0.tgz'), '-C', unpacked, '--strip-components=1']);
    await symlink(join(root, 'node_modules'), join(unpacked, 'node_modules'));
    files = (await run('find', ['.', '-type', 'f'], { cwd: unpacked })).stdout.split('\n');
  });
  afterAll(() => project?.remove());

  it('holds what the command and the library need, and no tests, settings or trainer', () => {
    for (const needed of ['./bin/slipway', './dist/src/index.d.ts', './deploy/tracking/Dockerfile', './LICENSE']) {
      expect(files).toContain(needed);
    }
    expect(files.filter((file) => /\.test\.|\/test\/|npmrc|\.env|trainer\/|storage\//.test(file))).toEqual([]);
  });

  it('starts its command', async () => {
    const { stdout } = await run(process.execPath, ['node_modules/slipway/bin/slipway', '--version'], {
      cwd: project.path,
    });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('gives the MLflow client to a program that imports it by name', async () => {
    const program = `
      import { MlflowClient, SlipwayError } from 'slipway';
      const client = new MlflowClient({ trackingUri: 'http://user:secret@127.0.0.1:1' });
      console.log(client.trackingUri, await client.getRun('r'.repeat(32)).catch((error) => error instanceof SlipwayError));
    `;
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], { cwd: project.path });
    expect(stdout).toBe('http://127.0.0.1:1 true\n');
  });

  it('has types that a strict program compiles with', async () => {
    const source = `
      import { type Experiment, MlflowClient } from 'slipway';
      export const name = async (client: MlflowClient): Promise<string | undefined> => {
        const experiment: Experiment | null = await client.getExperimentByName('malaria');
        return experiment?.name;
      };
    `;
    await writeFile(project.join('use.mts'), source);
    const compiler = join(root, 'node_modules/.bin/tsc');
    const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')];
    const options = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--module', 'nodenext', ...types, 'use.mts'];
    await expect(run(compiler, options, { cwd: project.path })).resolves.toMatchObject({ stdout: '' });
  });
});
