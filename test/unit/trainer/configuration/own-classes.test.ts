import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../../../src/errors.ts';
import { findClassFile } from '../../../../trainer/configuration/own-classes/class-file.ts';
import { toldWithPlace } from '../../../../trainer/configuration/own-classes/code-place.ts';
import type { Parameters } from '../../../../trainer/parameters.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../../support/index.ts';
import { runTrainer, type TrainerEnd } from '../../../support/trainer.ts';

const files = {
  'loader.ts': `
    import { ListLoader, listParameters, z } from 'slipway/trainer';
    import { classNames } from './helpers/names.js';
    const parameters = listParameters.extend({ count: z.int().min(1).default(30) });
    export class MyLoader extends ListLoader<z.output<typeof parameters>> {
      static override readonly parameters = parameters;
      protected override listSamples() {
        return { classNames, samples: [] };
      }
      protected override readSample(): never {
        throw new Error('not asked for');
      }
    }
    export const count: number = 3;
  `,
  'helpers/names.js': "export const classNames = ['a', 'b'];",
  'plain.mjs': `
    import { Evaluator } from 'slipway/trainer';
    export class MyEvaluator extends Evaluator { getEvalFuncs() { return {}; } }
    export class Other {}
    export class WrongSchema extends Evaluator { static parameters = { rate: 3 }; getEvalFuncs() { return {}; } }
  `,
  'deep/inner.js': 'export { MyEvaluator } from "../plain.mjs";',
  'throws.ts': "const rate: number = 3;\n\nthrow new TypeError('a rate of ' + rate);\n",
  'calls.ts': 'import "./throws.ts";\nexport class X {}\n',
  'broken.ts': 'const rate: number = 3;\nconst = 4;\n',
  'broken.js': 'const rate = 3;\nlet rate = 4;\n',
  'erased.ts': '\nenum Kind { A }\nexport class X {}\n',
  'common.ts': 'import "./common.cjs";\nexport class X {}\n',
  'common.cjs': '\n\nnull.x;\n',
  'asks.ts': "\nimport { nothing } from './plain.mjs';\nexport class X { y = nothing; }\n",
  'lost.ts': "Promise.reject(new Error('nobody waits'));\nexport class X {}\n",
  'empty.ts': '',
  'list.ts': `
    import { ListLoader, z } from 'slipway/trainer';
    export class Short extends ListLoader { static override readonly parameters = z.strictObject({ count: z.int().default(3) }); }
  `,
  'network.ts': `
    import { ModelBuilder } from 'slipway/trainer';
    export class Regression extends ModelBuilder { override get task() { return 'regression'; } }
    export class Fails extends ModelBuilder {
      override checkImageSize() { null.size; }
    }
  `,
} as const;

let folder: TemporaryDirectory;
beforeAll(async () => {
  folder = await temporaryDirectory();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(folder.join('my code', name)), { recursive: true });
    writeFileSync(folder.join('my code', name), content);
  }
  writeFileSync(folder.join('config.yaml'), 'src_code_path: my code\n\nmodel_builder_class: loader.MyLoader\n');
});
afterAll(() => folder.remove());

const check = (...words: string[]): Promise<TrainerEnd> =>
  runTrainer(['--check', '--src-code-path', 'my code', ...words], {}, folder.path);

describe("a class of one's own", () => {
  it('is loaded from TypeScript and JavaScript, and its parameters are checked and told', async () => {
    const classes = ['--data-loader-class', 'loader.MyLoader', '--evaluator-class', 'deep.inner.MyEvaluator'];
    const end = await check(...classes, '--data_loader.count', '12');
    expect(end).toMatchObject({ exitCode: 0, stderr: '' });
    const used = JSON.parse(end.stdout);
    expect(used).toMatchObject({
      data_loader_class: 'loader.MyLoader',
      evaluator_class: 'deep.inner.MyEvaluator',
      src_code_path: 'my code',
      'data_loader.count': 12,
      'data_loader.validation_share': 0.15,
      training_samples: 0,
    });
    // It has no such setting: a record of the word synthetic would be false.
    expect(used).not.toHaveProperty('data');
    const wrong = await check(...classes, '--data_loader.count', '0');
    expect(wrong.stderr).toContain('Setting data_loader.count');
    expect(wrong.exitCode).toBe(64);
  });

  it('is named with its place where a file names what is none', async () => {
    const { exitCode, stderr } = await runTrainer(['--config', 'config.yaml', '--check'], {}, folder.path);
    expect(exitCode).toBe(64);
    expect(stderr).toContain(
      "config.yaml, line 3, column 1: Parameter model_builder_class is 'loader.MyLoader', which is a DataLoader.",
    );
  });

  it.each([
    [
      'an export that is not there',
      'plain.MyEvalutor',
      /exports no MyEvalutor\.\nDid you mean MyEvaluator\? It exports MyE/,
    ],
    ['a file without exports', 'empty.X', /exports no X\.\nIt exports nothing\./],
    ['a value', 'loader.count', /'loader\.count', which is no class, but a value of type number\./],
    ['a class that is no component', 'plain.Other', /'plain\.Other', which is no component of a training\./],
    [
      'parameters that are no schema',
      'plain.WrongSchema',
      /The static parameters of plain\.WrongSchema are no zod object/,
    ],
    ['a file that throws', 'throws.X', /my code\/throws\.ts, line 3: TypeError: a rate of 3/],
    ['a file that imports one that throws', 'calls.X', /my code\/throws\.ts, line 3: TypeError: a rate of 3/],
    ['a CommonJS file that throws', 'common.X', /my code\/common\.cjs, line 3: TypeError: [^\n]*\(reading 'x'\)$/],
    ['TypeScript that is broken', 'broken.X', /my code\/broken\.ts, line 2: SyntaxError/],
    ['TypeScript that cannot be erased', 'erased.X', /my code\/erased\.ts, line 2: SyntaxError: TypeScript enum/],
    ['an import of nothing', 'asks.X', /my code\/asks\.ts, line 2: SyntaxError: .* 'nothing'/],
    ['a promise that nobody waits for', 'lost.X', /my code\/lost\.ts, line 1: Error: nobody waits/],
  ])('is refused with the place in its file: %s', async (_what, name, message) => {
    const { exitCode, stdout, stderr } = await check('--evaluator-class', name);
    expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it('is refused where it leaves out the parameters of its base class', async () => {
    const { exitCode, stderr } = await check('--data-loader-class', 'list.Short');
    expect(stderr).toMatch(
      /The static parameters of list\.Short lack training_samples\.\nWrite .*listParameters\.extend/,
    );
    expect(exitCode).toBe(64);
  });

  it('is refused where its network is for a task that there is not', async () => {
    const { exitCode, stderr } = await check('--model-builder-class', 'network.Regression');
    expect(stderr).toMatch(
      /The network network\.Regression is for the task "regression": expected one of classification, reconstruction\./,
    );
    expect(exitCode).toBe(64);
  });

  it('is told with its place where it throws before the training', async () => {
    const { exitCode, stderr } = await check('--model-builder-class', 'network.Fails');
    expect(stderr).toMatch(/my code\/network\.ts, line 5: TypeError: [^\n]*$/);
    expect(exitCode).toBe(1);
  });

  it('is refused with the line of JavaScript that is broken', async () => {
    await using other = await temporaryDirectory();
    writeFileSync(other.join('broken.js'), files['broken.js']);
    const words = ['--check', '--src-code-path', other.path, '--evaluator-class', 'broken.X'];
    const { stderr } = await runTrainer(words, {}, folder.path);
    expect(stderr).toContain(`${other.join('broken.js')}, line 2: SyntaxError`);
  });

  it('is not run where only its file is to be found, which goes with a check alone', async () => {
    expect(await check('--evaluator-class', 'throws.X', '--keep-code-unread')).toMatchObject({
      exitCode: 0,
      stderr: '',
    });
    expect(await runTrainer(['--keep-code-unread'], {}, folder.path)).toMatchObject({ exitCode: 64 });
  });
});

describe('what a training fails of', () => {
  const given = { src_code_path: 'my code', data_loader_class: 'loader.MyLoader' } as Parameters;
  const failure = new TypeError('no such pixel');
  failure.stack = `TypeError: no such pixel\n    at /app/trainer/x.js:1:1\n    at MyLoader.readSample (file://FOLDER/my%20code/loader.ts:12:5)`;
  const told = (error: unknown, parameters = given) => toldWithPlace(error, parameters, folder.path);

  it('is told with the file and line of the class that it came through', () => {
    failure.stack = failure.stack?.replace('FOLDER', folder.path);
    expect(told(failure)).toMatchObject({
      message: `${folder.join('my code/loader.ts')}, line 12: TypeError: no such pixel`,
      exitCode: 1,
      cause: failure,
    });
  });

  it('stays what it is where it says enough itself, came from elsewhere, or no class is one of those', () => {
    const usage = new UsageError('The sample a has no pixels.');
    const elsewhere = new Error('elsewhere');
    expect(told(usage)).toBe(usage);
    expect(told(elsewhere)).toBe(elsewhere);
    expect(told(failure, { ...given, data_loader_class: 'malaria' })).toBe(failure);
    expect(told('a text')).toBe('a text');
  });
});

describe('the file of a class', () => {
  const find =
    (name: string, below = 'my code') =>
    () =>
      findClassFile('evaluator_class', name, folder.join(below));

  it('is found by the name before the last dot, below folders too', () => {
    expect(find('deep.inner.X')()).toMatchObject({ file: folder.join('my code/deep/inner.js'), exportName: 'X' });
    expect(find('broken.X')().file).toBe(folder.join('my code/broken.ts'));
  });

  it.each([
    ['palin.X', 'Did you mean plain? '],
    ['deep.iner.X', 'Did you mean deep.inner? '],
    ['quite.another.X', 'broken.js, broken.ts'],
  ])('is told with those that are there where it is not: %s', (name, hint) => {
    expect(find(name)).toThrow(
      expect.objectContaining({ exitCode: 64, setting: 'evaluator_class', hint: expect.stringContaining(hint) }),
    );
  });

  it.each(['.X', 'plain.', '../plain.X', 'a/b.X', 'plain..X'])('has a name: %s is none', (name) => {
    expect(find(name)).toThrow(`Parameter evaluator_class is '${name}', which names no class.`);
  });

  it('lies in a folder', () => {
    expect(find('plain.X', 'none')).toThrow(`but there is no folder ${folder.join('none')}.`);
    expect(find('plain.X', 'config.yaml')).toThrow(`but ${folder.join('config.yaml')} is no folder.`);
  });
});
