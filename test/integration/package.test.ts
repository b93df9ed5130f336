import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeTrainerContext } from '../../src/image/index.ts';
import { type PackedPackage, packedPackage } from '../support/packed-package.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

/** Packed and unpacked where a project that depends on Slipway would have it, with the modules of this checkout. */
describe('the npm package', () => {
  let project: PackedPackage;
  let files: string[];

  beforeAll(async () => {
    project = await packedPackage();
    files = (await run('find', ['.', '-type', 'f'], { cwd: project.package })).stdout.split('\n');
  });
  afterAll(() => project?.[Symbol.asyncDispose]());

  it('holds what the commands and the library need, and no tests and settings', () => {
    for (const needed of [
      './bin/slipway',
      './bin/slipway-train',
      './dist/src/index.d.ts',
      './dist/trainer/main.js',
      './templates/init/gitignore',
      './deploy/tracking/Dockerfile',
      './LICENSE',
    ]) {
      expect(files).toContain(needed);
    }
    expect(files.filter((file) => /\.test\.|\/test\/|npmrc|\.env|storage\//.test(file))).toEqual([]);
    expect(project.sizeBytes).toBeLessThan(2_500_000);
  });

  it("holds what the trainer's image is built from, to the last byte of a clone", async () => {
    const never = new AbortController().signal;
    const packed = await describeTrainerContext(project.package, never);
    const cloned = await describeTrainerContext(root, never);
    expect(packed.files.map(({ path }) => path)).toEqual(cloned.files.map(({ path }) => path));
    expect(packed.treeHash).toBe(cloned.treeHash);
  });

  it('describes the trainer from its compiled files, on every Node.js', async () => {
    const { stdout } = await run('node_modules/slipway/bin/slipway-train', ['--epochs', '3', '--check'], {
      cwd: project.path,
    });
    expect(JSON.parse(stdout)).toMatchObject({ epochs: 3 });
    // The types of `slipway/trainer`, for the editor of who writes a class of their own.
    expect(files).toContain('./dist/trainer/public.d.ts');
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
    const ownClass = `
      import { type Image, ListLoader, listParameters, type SampleList, z } from 'slipway/trainer';
      const parameters = listParameters.extend({ count: z.int().default(3) });
      export class Mine extends ListLoader<z.output<typeof parameters>> {
        static override readonly parameters = parameters;
        protected override listSamples(): SampleList {
          const samples = Array.from({ length: this.parameters.count }, (_, place) => ({ id: String(place), label: 0 }));
          return { classNames: ['a', 'b'], samples };
        }
        protected override readSample(): Image {
          return { pixels: new Uint8Array(1), height: 1, width: 1, channels: 1 };
        }
      }
    `;
    await writeFile(project.join('use.mts'), source);
    await writeFile(project.join('own.mts'), ownClass);
    const compiler = join(root, 'node_modules/.bin/tsc');
    const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')];
    const options = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--module', 'nodenext', ...types];
    await expect(run(compiler, [...options, 'use.mts'], { cwd: project.path })).resolves.toMatchObject({ stdout: '' });
    // Those of TensorFlow.js, which a network is given, do not check under such settings.
    const lenient = options.map((word) => (word === 'false' ? 'true' : word));
    await expect(run(compiler, [...lenient, 'own.mts'], { cwd: project.path })).resolves.toMatchObject({ stdout: '' });
  });
});
