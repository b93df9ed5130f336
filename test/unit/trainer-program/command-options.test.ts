import { expect, test } from 'vitest';
import { configFileOf, namesConfigFile, trainerOptions, withDefaulted } from '../../../src/trainer-program/index.ts';

test('the options that a command fills in are found, as the trainer spells them', () => {
  const template = `slipway-train --learning-rate {rate} --seed={seed}
    --model_builder.dropout_rate "{dropout}" --epochs {epochs} --max-steps {epochs} --config {config} --data x{data}`;
  expect(trainerOptions(template, ['rate', 'seed', 'dropout', 'epochs', 'config', 'data'])).toEqual(
    new Map([
      ['rate', ['learning_rate']],
      ['seed', ['seed']],
      ['dropout', ['model_builder.dropout_rate']],
      ['epochs', ['epochs', 'max_steps']],
    ]),
  );
  expect(trainerOptions(template, ['seed'])).toEqual(new Map([['seed', ['seed']]]));
  expect(withDefaulted('slipway-train', ['seed', 'epochs'])).toBe('slipway-train --defaulted seed,epochs');
  expect(withDefaulted('slipway-train', [])).toBe('slipway-train');
});

test.each([
  ['slipway-train --config a.yaml', 'a.yaml'],
  ['slipway-train --config=a.yaml --epochs 3', 'a.yaml'],
  ["slipway-train --config a.yaml --config 'b c.yaml'", 'b c.yaml'],
  ['slipway-train --configuration a.yaml', null],
  ['slipway-train --epochs 3', null],
])('%s names the configuration file %j', (command, file) => {
  expect(configFileOf(command)).toBe(file);
  expect(namesConfigFile(command)).toBe(file !== null);
});

test('a command that a shell has to read tells only that there is a file', () => {
  const command = 'slipway-train --config $(ls *.yaml)';
  expect(configFileOf(command)).toBeNull();
  expect(namesConfigFile(command)).toBe(true);
});
