import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../../../trainer/arguments.ts';
import { configurationOf } from '../../../../trainer/configuration/configuration.ts';
import { temporaryDirectory } from '../../../support/index.ts';

/** What a training would use, of a file and what stands on the command line beside it. */
async function used(file: string, ...words: string[]) {
  await using folder = await temporaryDirectory();
  const path = folder.join('config.yaml');
  writeFileSync(path, file);
  const request = parseArguments(['--config', path, ...words]);
  if (request.kind !== 'train') throw new Error(`expected a training, got ${request.kind}`);
  return configurationOf(request.settings, null).flattened;
}

describe('a value', () => {
  it('of the command line wins over the file, also by the short name of a setting', async () => {
    const file = 'epochs: 3\ntraining: {learning_rate: 0.1, optimizer: sgd}\nmodel_builder: {convolutions: 1}\n';
    expect(await used(file, '--learning-rate', '0.5', '--convolutions', '3')).toMatchObject({
      epochs: 3,
      learning_rate: 0.5,
      convolutions: 3,
      'training.optimizer': 'sgd',
    });
    expect(await used('learning_rate: 0.1\n', '--training.learning_rate', '0.5')).toMatchObject({ learning_rate: 0.5 });
  });

  it('that is only a default of the command gives way to the file, and stays where the file says nothing', async () => {
    const words = [
      '--epochs',
      '9',
      '--batch-size',
      '8',
      '--learning-rate',
      '0.5',
      '--model_builder.dropout_rate',
      '0.4',
    ];
    const defaulted = ['--defaulted', 'epochs,batch-size,learning_rate,model_builder.dropout_rate'];
    const file = 'epochs: 3\ntraining: {learning_rate: 0.1}\nmodel_builder: {dropout_rate: 0.2}\n';
    expect(await used(file, ...words, ...defaulted)).toMatchObject({
      epochs: 3,
      batch_size: 8,
      learning_rate: 0.1,
      'model_builder.dropout_rate': 0.2,
    });
    expect(await used('seed: 2\n', ...words, ...defaulted)).toMatchObject({
      epochs: 9,
      learning_rate: 0.5,
      'model_builder.dropout_rate': 0.4,
    });
    expect(await used(file, ...words, '--defaulted', 'epochs')).toMatchObject({ epochs: 3, learning_rate: 0.5 });
  });

  it('of the file is blamed with its line where it replaced a default', async () => {
    const words = ['--convolutions', '2', '--image-size', '8', '--defaulted', 'convolutions,image_size'];
    await expect(used('model_builder:\n  convolutions: 9\n', ...words)).rejects.toThrow(
      /config\.yaml, line 2, column 3: /,
    );
  });

  it('that is said to be a default must be there', () => {
    expect(() => parseArguments(['--epochs', '1', '--defaulted', 'epochs,seed'])).toThrow(
      '--defaulted names seed, which has no value beside it.',
    );
    expect(() => parseArguments(['--epochs', '1', '--defaulted'])).toThrow('--defaulted needs names of parameters');
  });
});
