import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { skip, type TemporaryDirectory, temporaryDirectory } from '../support/index.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const generator = join(root, 'docs', 'generator');
const typedoc = join(generator, 'node_modules', '.bin', 'typedoc');

/** A part of TypeDoc's model: what something is called, whether it has a doc block, and its parts. */
interface Reflection {
  readonly name: string;
  readonly kind: number;
  readonly comment?: unknown;
  readonly children?: readonly Reflection[];
}

/** `ReflectionKind.Interface` and `ReflectionKind.Property` of TypeDoc. */
const kinds = { interface: 256, property: 1024 };

async function textsBelow(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.md')).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
  );
}

/** Made anew by the generator, as `make docs` does; warnings are errors. */
describe('the reference of the library', () => {
  let made: TemporaryDirectory;

  beforeAll(async () => {
    made = await temporaryDirectory();
    if (!existsSync(typedoc)) {
      await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: generator }).catch((error) =>
        skip(`the packages of docs/generator cannot be installed: ${String(error)}`),
      );
    }
    const outputs = ['--out', made.join('api'), '--json', made.join('model.json')];
    await run(typedoc, ['--options', join(generator, 'typedoc.json'), '--treatWarningsAsErrors', ...outputs]);
  });
  afterAll(() => made?.remove());

  it('is what the doc blocks say: `make docs` makes it so', async () => {
    const [committed, fresh] = await Promise.all([textsBelow(join(root, 'docs', 'api')), textsBelow(made.join('api'))]);
    expect(Object.keys(committed)).toEqual(Object.keys(fresh));
    expect(committed).toEqual(fresh);
  });

  it('has a line for every option and field', async () => {
    const model = JSON.parse(await readFile(made.join('model.json'), 'utf8')) as Reflection;
    const interfaces = (model.children ?? []).filter(({ kind }) => kind === kinds.interface);
    expect(interfaces.map(({ name }) => name)).toEqual(expect.arrayContaining(['LaunchOptions', 'RunResult', 'Run']));
    const silent = interfaces.flatMap(({ name, children = [] }) =>
      children
        .filter(({ kind, comment }) => kind === kinds.property && comment === undefined)
        .map((property) => `${name}.${property.name}`),
    );
    expect(silent).toEqual([]);
  });

  it('knows no path of this machine', async () => {
    for (const text of Object.values(await textsBelow(made.join('api')))) expect(text).not.toContain(root);
  });
});
