import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import {
  type EntryPoint,
  type ParameterDeclaration,
  parseParameterArguments,
  type ResolveOptions,
  resolveParameters,
} from '../../../src/project/index.ts';

let sandbox: string;
let options: ResolveOptions;

beforeAll(() => {
  sandbox = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-parameters-')));
  mkdirSync(join(sandbox, 'storage', 'folder'), { recursive: true });
  mkdirSync(join(sandbox, 'project'));
  writeFileSync(join(sandbox, 'storage', 'cells.zip'), '');
  writeFileSync(join(sandbox, 'project', 'labels.csv'), '');
  writeFileSync(join(sandbox, 'elsewhere'), '');
  options = {
    strict: false,
    storageDirectory: join(sandbox, 'storage'),
    projectDirectory: join(sandbox, 'project'),
    engineHasContainers: true,
  };
});

afterAll(() => {
  rmSync(sandbox, { recursive: true, force: true });
});

function entryPoint(...parameters: (Partial<ParameterDeclaration> & { name: string })[]): EntryPoint {
  const absent = { type: 'string', default: null, description: null, min: null, max: null, choices: null } as const;
  return {
    name: 'main',
    command: 'train',
    parameters: parameters.map((parameter) => ({ ...absent, ...parameter })),
    isScript: false,
  };
}

/** The error of resolving values, with the sandbox's folder taken out of its message. */
function refusal(point: EntryPoint, given: Record<string, string>, changed: Partial<ResolveOptions> = {}): UsageError {
  try {
    resolveParameters(point, given, { ...options, ...changed });
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    (error as UsageError).message = (error as UsageError).message.replaceAll(sandbox, 'DIR');
    return error as UsageError;
  }
  throw new Error('It was not refused.');
}

describe('parseParameterArguments', () => {
  it('parts a name from its value at the first equals sign only', () => {
    expect(parseParameterArguments(['a=1', 'b=x=y', 'c=', 'constructor= z '])).toEqual({
      a: '1',
      b: 'x=y',
      c: '',
      constructor: ' z ',
    });
  });

  it.each(['epochs', '=3', ''])('refuses %j with an example', (argument) => {
    expect(() => parseParameterArguments([argument])).toThrow(
      expect.objectContaining({
        message: `The parameter "${argument}" is not of the form name=value.`,
        hint: 'As in: `-P epochs=3`',
        exitCode: 64,
      }),
    );
  });

  it('refuses a name given twice, and says both values', () => {
    expect(() => parseParameterArguments(['a=1', 'a='])).toThrow('The parameter a is given twice: "1" and "".');
  });
});

describe('resolveParameters', () => {
  it('keeps values as typed, in the order of the file, with defaults filled in and undeclared ones last', () => {
    const point = entryPoint(
      { name: 'rate', type: 'float', default: '1e-05' },
      { name: 'epochs', type: 'int' },
      { name: 'note', default: '' },
    );
    const resolved = resolveParameters(point, { extra: 'b', epochs: '+05', rate: '.50' }, options);
    expect(Object.entries(resolved.values)).toEqual([
      ['rate', '.50'],
      ['epochs', '+05'],
      ['note', ''],
      ['extra', 'b'],
    ]);
    expect(resolved.logged).toEqual(resolved.values);
    expect(resolved.undeclared).toEqual(['extra']);
    expect(resolved.defaulted).toEqual(['note']);
    expect(resolved.warnings).toEqual([
      'The entry point main does not declare the parameter extra, which is passed on as --extra.',
    ]);
  });

  it('names every missing value in one sentence', () => {
    const error = refusal(entryPoint({ name: 'a', type: 'int' }, { name: 'b', default: '1' }, { name: 'c' }), {});
    expect(error.message).toBe('The entry point main needs a value for a, c.');
    expect(error.hint).toBe('Give them as: `-P a=<int> -P c=<string>`');
  });

  it('suggests what was probably meant, refusing it only where the project is strict', () => {
    const point = entryPoint({ name: 'batch_size', default: '1' }, { name: 'epochs', default: '1' });
    expect(resolveParameters(point, { epoch: '2' }, options).warnings).toEqual([
      'The entry point main does not declare the parameter epoch, which is passed on as --epoch; did you mean epochs?',
    ]);
    const error = refusal(point, { 'batch-sise': '2' }, { strict: true });
    expect(error.message).toBe('The entry point main has no parameter batch-sise; did you mean batch_size?');
    expect(error.hint).toBe('It takes batch_size, epochs.');
    expect(refusal(point, { zzz: '1', yyy: '2' }, { strict: true }).message).toBe(
      'The entry point main has no parameters zzz, yyy.',
    );
  });

  it('passes undeclared ones on without a word where the program itself is asked about them', () => {
    const point = entryPoint({ name: 'config', default: 'config.yaml' });
    const checked = { ...options, strict: true, programTakes: () => true };
    expect(resolveParameters(point, { zzz: '1' }, checked)).toMatchObject({ undeclared: ['zzz'], warnings: [] });
  });

  it('lets a script take any parameter, also in a strict project', () => {
    const script = { ...entryPoint(), isScript: true };
    expect(resolveParameters(script, { a: '1' }, { ...options, strict: true })).toMatchObject({
      undeclared: ['a'],
      warnings: [],
    });
  });

  it.each<[string, Partial<ParameterDeclaration>, string]>([
    ['2.5', { type: 'int' }, 'is "2.5", but must be a whole number'],
    ['1e3', { type: 'int', min: 1 }, 'is "1e3", but must be a whole number, at least 1'],
    ['', { type: 'int' }, 'is "", but must be a whole number'],
    ['0', { type: 'int', min: 1 }, 'is 0, but must be at least 1'],
    ['11', { type: 'int', min: 1, max: 10 }, 'is 11, but must be from 1 to 10'],
    ['1,5', { type: 'float', max: 2 }, 'is "1,5", but must be a number, at most 2'],
    ['0x10', { type: 'float' }, 'is "0x10", but must be a number'],
    ['inf', { type: 'float', max: 2 }, 'is inf, but must be at most 2'],
    ['nan', { type: 'float', min: 0 }, 'is nan, but must be at least 0'],
    ['maybe', { type: 'bool' }, 'is "maybe", but must be true or false'],
    ['c', { choices: ['a', 'b'] }, 'is "c", but must be one of a, b'],
    ['no-scheme', { type: 'uri' }, 'is "no-scheme", but must be a URI with a scheme, such as https://'],
    ['', { type: 'path' }, 'is empty, but must be a path'],
    ['gone.csv', { type: 'path' }, 'is gone.csv, but DIR/project/gone.csv does not exist'],
    [
      'https://example.org/a.csv',
      { type: 'path' },
      'is https://example.org/a.csv, but must be a path: download it below DIR/storage first',
    ],
  ])('refuses %j for %o', (value, declaration, problem) => {
    expect(refusal(entryPoint({ name: 'x', ...declaration }), { x: value }).message).toBe(`Parameter x ${problem}.`);
  });

  it.each<[string, Partial<ParameterDeclaration>]>([
    ['-3', { type: 'int' }],
    ['1', { type: 'int', min: 1, max: 10 }],
    ['10', { type: 'int', min: 1, max: 10 }],
    ['123456789012345678901', { type: 'int' }],
    ['1E-4', { type: 'float', min: 0 }],
    ['5.', { type: 'float' }],
    ['-inf', { type: 'float' }],
    ['nan', { type: 'float' }],
    ['True', { type: 'bool' }],
    ['0', { type: 'bool' }],
    ['s3://bucket/key', { type: 'uri' }],
    [')iY{wq!h', {}],
    ["friend; echo 'hi'", {}],
    ['', {}],
    ['synthetic', {}],
    ['/storage-of-mine/x', {}],
  ])('accepts %j for %o, unchanged', (value, declaration) => {
    const resolved = resolveParameters(entryPoint({ name: 'x', ...declaration }), { x: value }, options);
    expect(resolved).toMatchObject({ values: { x: value }, logged: { x: value } });
  });

  it('checks a default like any other value', () => {
    expect(refusal(entryPoint({ name: 'x', type: 'int', default: 'few' }), {}).message).toBe(
      'Parameter x is "few", but must be a whole number.',
    );
  });

  it('names every wrong value in one sentence', () => {
    const point = entryPoint({ name: 'a', type: 'int' }, { name: 'b', type: 'bool' });
    expect(refusal(point, { a: 'x', b: 'y' }).message).toBe(
      'Parameter a is "x", but must be a whole number; b is "y", but must be true or false.',
    );
  });
});

describe('a value below /storage', () => {
  const point = entryPoint({ name: 'data' });

  it('stays as it is where there are containers, and is made real where there are none', () => {
    for (const [value, real] of [
      ['/storage/cells.zip', 'storage/cells.zip'],
      ['/storage/folder/', 'storage/folder/'],
      ['/storage', 'storage'],
    ] as const) {
      expect(resolveParameters(point, { data: value }, options).values).toEqual({ data: value });
      const onHost = resolveParameters(point, { data: value }, { ...options, engineHasContainers: false });
      expect(onHost.values).toEqual({ data: join(sandbox, real) });
      expect(onHost.logged).toEqual({ data: value });
    }
  });

  it('means the storage in an undeclared parameter and in a default too', () => {
    const onHost = { ...options, engineHasContainers: false };
    expect(resolveParameters(entryPoint(), { data: '/storage/cells.zip' }, onHost).values).toEqual({
      data: join(sandbox, 'storage', 'cells.zip'),
    });
    const withDefault = entryPoint({ name: 'data', type: 'path', default: '/storage/cells.zip' });
    expect(resolveParameters(withDefault, {}, onHost).values.data).toBe(join(sandbox, 'storage', 'cells.zip'));
  });

  it('must exist on this machine, and the sentence has both paths', () => {
    expect(refusal(point, { data: '/storage/gone.zip' }).message).toBe(
      'Parameter data is /storage/gone.zip, but DIR/storage/gone.zip does not exist on this machine.',
    );
    expect(refusal(point, { data: '/storage/gone.zip' }, { storageDirectory: '/storage' }).message).toBe(
      'Parameter data is /storage/gone.zip, which does not exist.',
    );
  });

  it('that is not there is told with where to put it, and how to do without', () => {
    const hint = (declaration: Partial<ParameterDeclaration>, more = {}) =>
      refusal(entryPoint({ name: 'data', ...declaration }, { name: 'epochs', type: 'int', default: '1' }), {
        data: '/storage/gone.zip',
        ...more,
      }).hint;
    const place = `Put the file at ${join(sandbox, 'storage', 'gone.zip')}`;
    expect(hint({ default: 'synthetic' })).toBe(`${place}, or leave data out: it is then synthetic.`);
    expect(hint({})).toBe(`${place}.`);
    expect(hint({ default: '/storage/gone.zip' })).toBe(`${place}.`);
    expect(hint({}, { epochs: 'few' })).toBe('Every parameter with its bounds and its meaning is in the MLproject.');
  });

  it('does not lead out of the storage', () => {
    expect(refusal(point, { data: '/storage/../elsewhere' }).message).toBe(
      'Parameter data is /storage/../elsewhere, which leads out of /storage.',
    );
  });
});

describe('a value of type path', () => {
  const point = entryPoint({ name: 'file', type: 'path' });
  const resolved = (file: string, changed: Partial<ResolveOptions> = {}) =>
    resolveParameters(point, { file }, { ...options, ...changed }).values.file;

  it('is relative to the project, which is the working directory of a container', () => {
    expect(resolved('labels.csv')).toBe('labels.csv');
    expect(resolved('./labels.csv')).toBe('labels.csv');
    expect(resolved(join(sandbox, 'project', 'labels.csv'))).toBe('labels.csv');
    expect(resolved('labels.csv', { engineHasContainers: false })).toBe(join(sandbox, 'project', 'labels.csv'));
    expect(resolved(`file://${sandbox}/project/labels.csv`)).toBe('labels.csv');
  });

  it('is found again below /storage by a container', () => {
    expect(resolved(join(sandbox, 'storage', 'cells.zip'))).toBe('/storage/cells.zip');
  });

  it('is refused where no container would see it', () => {
    expect(refusal(point, { file: join(sandbox, 'elsewhere') }).message).toBe(
      'Parameter file is DIR/elsewhere, which a container does not see: put it below DIR/storage.',
    );
    expect(resolved(join(sandbox, 'elsewhere'), { engineHasContainers: false })).toBe(join(sandbox, 'elsewhere'));
  });
});
