import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { parseArguments } from '../../../trainer/arguments.ts';
import { parseConfig } from '../../../trainer/config-file.ts';
import { parameterDescriptions } from '../../../trainer/parameters.ts';
import { temporaryDirectory } from '../../support/index.ts';

function refusal(text: string): UsageError {
  try {
    parseConfig(text, 'config.yaml');
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error(`${text} was accepted`);
}

describe('a configuration file', () => {
  it('gives values of every type, as the command line would', () => {
    const text = 'epochs: 7\nlearning_rate: 1e-4\nrandomize_images: True\ndata: /storage/a b.zip\nrun_name: ""\n';
    expect(parseConfig(text, 'config.yaml').values).toEqual({
      epochs: 7,
      learning_rate: 1e-4,
      randomize_images: true,
      data: '/storage/a b.zip',
      run_name: '',
    });
  });

  it('holds sections of settings, as text, which the command line can change one by one', async () => {
    await using folder = await temporaryDirectory();
    const file = folder.join('config.yaml');
    writeFileSync(file, 'model_builder:\n  units: [64, 32]\n  dropout_rate: 0.1\ntraining: {schedule: cosine}\n');
    expect(parseArguments(['--config', file, '--model_builder.dropout_rate', '0.3'])).toMatchObject({
      settings: {
        sections: { model_builder: { units: ['64', '32'], dropout_rate: '0.3' }, training: { schedule: 'cosine' } },
      },
    });
    expect(parseConfig('augmentor:\n', 'config.yaml').sections).toEqual({ augmentor: {} });
    expect(refusal('training: fast\n').message).toBe(
      'config.yaml, line 1, column 1: Section training must hold lines of the form name: value.',
    );
  });

  it('names the experiment, which is no parameter of a training', () => {
    const { values } = parseConfig('project_name: wide networks\nepochs: 2\n', 'config.yaml');
    expect(values).toEqual({ epochs: 2 });
    const place = 'config.yaml, line 2, column 1:';
    expect(refusal('epochs: 2\nproject_name:\n').message).toBe(`${place} project_name is empty.`);
    expect(refusal('epochs: 2\nproject_name: {a: b}\n').message).toBe(
      `${place} project_name must be a single text, the name of an experiment.`,
    );
    expect(refusal(`epochs: 2\nproject_name: ${'x'.repeat(501)}\n`).message).toBe(
      `${place} project_name has 501 characters, and an experiment's name at most 500.`,
    );
    expect(refusal('project_nam: x\n').hint).toBe('Did you mean project_name?');
  });

  it('may be empty, or hold nothing but comments', () => {
    const nothing = { values: {}, sections: {}, places: new Map() };
    expect(parseConfig('', 'config.yaml')).toEqual(nothing);
    expect(parseConfig('# epochs: 3\n', 'config.yaml')).toEqual(nothing);
  });

  it.each([
    ['epochs: 3\nbatch_sise: 8\n', 'config.yaml, line 2, column 1: There is no parameter named batch_sise.'],
    ['\nepochs: 0\n', 'config.yaml, line 2, column 1: Parameter epochs is 0, but must be from 1 to 10000.'],
    ['epochs: many\n', "config.yaml, line 1, column 1: Parameter epochs is 'many', which is not a whole number."],
    ['epochs:\n', 'config.yaml, line 1, column 1: Parameter epochs has no value.'],
    ['epochs: [1, 2]\n', 'config.yaml, line 1, column 1: Parameter epochs must be a single value.'],
    ['data:\n  train: x\n', 'config.yaml, line 1, column 1: Parameter data must be a single value.'],
    ['- epochs\n', 'config.yaml, line 1, column 1: expected lines of the form name: value.'],
    ['epochs: 1\nepochs: 2\n', 'config.yaml is not valid YAML at line 2, column 1: Map keys must be unique.'],
    ['constructor: 1\n', 'config.yaml, line 1, column 1: There is no parameter named constructor.'],
    ['model_bilder:\n  units: 3\n', 'config.yaml, line 1, column 1: There is no section named model_bilder.'],
  ])('is refused with the place of what is wrong: %j', (text, message) => {
    expect(refusal(text).message).toBe(message);
    expect(refusal(text).exitCode).toBe(64);
  });

  it('names the parameter that was probably meant', () => {
    expect(refusal('batch_sise: 8\n').hint).toBe('Did you mean batch_size?');
    expect(refusal('model_bilder: {units: 3}\n').hint).toBe('Did you mean model_builder?');
  });

  it('says where each name stands, those in sections, too', () => {
    const text = 'epochs: 3\ntraining:\n  optimizer_parameters: {momentum: 0.9}\n  clip_limit:\n';
    expect(Object.fromEntries(parseConfig(text, 'config.yaml').places)).toEqual({
      epochs: 'config.yaml, line 1, column 1',
      training: 'config.yaml, line 2, column 1',
      'training.optimizer_parameters': 'config.yaml, line 3, column 3',
      'training.optimizer_parameters.momentum': 'config.yaml, line 3, column 26',
      'training.clip_limit': 'config.yaml, line 4, column 3',
    });
  });
});

describe('--config', () => {
  it('wins over the defaults, and loses against the command line, wherever it stands there', async () => {
    await using folder = await temporaryDirectory();
    const file = folder.join('config.yaml');
    writeFileSync(file, 'epochs: 7\nbatch_size: 8\n');
    for (const argv of [
      ['--config', file, '--epochs', '2'],
      ['--epochs', '2', `--config=${file}`],
    ]) {
      expect(parseArguments(argv)).toMatchObject({
        kind: 'train',
        settings: { parameters: { epochs: 2, batch_size: 8, seed: parameterDescriptions.seed.default } },
      });
    }
  });

  it('says which file there is not, and which cannot be read', async () => {
    await using folder = await temporaryDirectory();
    const missing = folder.join('config.yaml');
    expect(() => parseArguments(['--config', missing])).toThrow(
      new UsageError(`The configuration file ${missing} does not exist.`),
    );
    mkdirSync(missing);
    expect(() => parseArguments(['--config', missing])).toThrow(/^The configuration file .* cannot be read: EISDIR/);
    expect(() => parseArguments(['--config'])).toThrow('--config needs the name of a file.');
  });
});

describe('--check', () => {
  it('asks for the parameters instead of a training, with the same checks', () => {
    expect(parseArguments(['--epochs', '3', '--check'])).toMatchObject({
      kind: 'check',
      settings: { parameters: { epochs: 3 } },
    });
    expect(() => parseArguments(['--epochs', '0', '--check'])).toThrow('must be from 1 to 10000');
  });
});
