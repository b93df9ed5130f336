import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { parseArguments } from '../../../trainer/arguments.ts';
import type { Parameters } from '../../../trainer/parameters.ts';

function parse(...argv: string[]): Parameters {
  const request = parseArguments(argv);
  if (request.kind !== 'train') throw new Error(`expected a training, got ${request.kind}`);
  return request.settings.parameters;
}

function refusal(...argv: string[]): UsageError {
  try {
    parseArguments(argv);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error(`${argv.join(' ')} was accepted`);
}

describe('parseArguments', () => {
  it('takes every default where nothing is said', () => {
    expect(parse()).toEqual({
      epochs: 5,
      batch_size: 32,
      convolutions: 2,
      learning_rate: 0.001,
      training_samples: 0,
      validation_samples: 0,
      randomize_images: false,
      seed: 1,
      threads: 0,
      data: 'synthetic',
      image_size: 50,
      input_height: 0,
      input_width: 0,
      max_steps: 0,
      data_loader_class: '',
      augmentor_class: '',
      preprocessor_class: 'standard',
      model_builder_class: 'convolutional',
      evaluator_class: 'classification',
      src_code_path: '',
      run_name: '',
    });
  });

  it('reads names with dashes and underscores, and values apart or after an equals sign', () => {
    const read = parse('--batch-size', '64', '--learning_rate=1e-4', '--randomize-images', 'True', '--run-name', '');
    expect(read).toMatchObject({ batch_size: 64, learning_rate: 1e-4, randomize_images: true, run_name: '' });
  });

  it('keeps spaces, quotes and equals signs of a text', () => {
    expect(parse('--data', "/storage/a b='c'.zip").data).toBe("/storage/a b='c'.zip");
  });

  it.each([
    [['--epochs', '0'], 'Parameter epochs is 0, but must be from 1 to 10000.'],
    [['--convolutions', '0'], 'Parameter convolutions is 0, but must be from 1 to 8.'],
    [['--learning-rate', '-1'], 'Parameter learning_rate is -1, but must be from 1e-8 to 10.'],
    [['--epochs', '1.5'], "Parameter epochs is '1.5', which is not a whole number."],
    [['--epochs', ''], "Parameter epochs is '', which is not a whole number."],
    [['--epochs', '0x10'], "Parameter epochs is '0x10', which is not a whole number."],
    [['--learning-rate', 'fast'], "Parameter learning_rate is 'fast', which is not a number."],
    [['--learning-rate', 'NaN'], "Parameter learning_rate is 'NaN', which is not a number."],
    [['--randomize-images', 'maybe'], "Parameter randomize_images is 'maybe', which is neither true nor false."],
    [['--model_bilder.units', '3'], 'There is no section named model_bilder.'],
    [['--model_builder.units'], 'Setting model_builder.units has no value.'],
    [['--epochs'], 'Parameter epochs has no value.'],
    [['train'], "'train' is not a parameter: parameters are written --name value."],
  ])('refuses %j in one sentence', (argv, message) => {
    expect(refusal(...argv).message).toBe(message);
    expect(refusal(...argv).exitCode).toBe(64);
  });

  it('names the parameter that was probably meant', () => {
    const error = refusal('--epoch', '3');
    expect(error.message).toBe('There is no parameter named epoch.');
    expect(error.hint).toBe('Did you mean epochs?');
  });

  it('does not take names of every object for parameters', () => {
    expect(refusal('--constructor', '1').message).toBe('There is no parameter named constructor.');
  });

  it('asks for help and for the description', () => {
    expect(parseArguments(['--epochs', '2', '--help'])).toEqual({ kind: 'help' });
    expect(parseArguments(['--describe'])).toEqual({ kind: 'describe' });
    expect(parseArguments(['--self-check'])).toEqual({ kind: 'self-check' });
  });
});
