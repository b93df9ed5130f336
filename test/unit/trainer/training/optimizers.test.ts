import { describe, expect, it } from 'vitest';
import { parseSection } from '../../../../trainer/configuration/from-text.ts';
import { optimizers } from '../../../../trainer/training/optimizers/index.ts';
import type { OptimizerDefinition } from '../../../../trainer/training/optimizers/optimizer.ts';

const parametersOf = (name: string) => (optimizers[name] as OptimizerDefinition).parameters;

describe('the optimizers', () => {
  it('stand in the registry under their names', () => {
    expect(Object.keys(optimizers)).toEqual(['sgd', 'momentum', 'rmsprop', 'adam', 'adamw', 'adagrad', 'adadelta']);
    for (const [name, definition] of Object.entries(optimizers)) expect(definition.name).toBe(name);
  });

  it('describe every parameter, and have a default for each', () => {
    for (const [name, { parameters }] of Object.entries(optimizers)) {
      for (const [key, schema] of Object.entries(parameters.shape)) {
        expect(schema.description, `${name}.${key}`).toMatch(/\.$/);
      }
      expect(Object.keys(parameters.parse({})), name).toEqual(Object.keys(parameters.shape));
    }
  });

  it('take their parameters from text', () => {
    const given = { beta_1: '0.8', amsgrad: 'true', exclude_from_weight_decay: 'bias,gamma' };
    expect(parseSection('training.optimizer_parameters', given, parametersOf('adamw'))).toEqual({
      ...{ beta_1: 0.8, beta_2: 0.999, epsilon: 1e-7, amsgrad: true, weight_decay: 0.004 },
      exclude_from_weight_decay: ['bias', 'gamma'],
    });
  });

  it('refuse what is none of their parameters, and what is out of bounds', () => {
    const read = (name: string, given: Readonly<Record<string, string>>) => () =>
      parseSection('training.optimizer_parameters', given, parametersOf(name));
    expect(read('adam', { beta1: '0.8' })).toThrow('There is no setting named training.optimizer_parameters.beta1.');
    expect(read('adam', { beta_1: '1' })).toThrow(
      "Setting training.optimizer_parameters.beta_1 is '1': too big: expected number to be <1.",
    );
    expect(read('sgd', { momentum: '1.5' })).toThrow(
      "Setting training.optimizer_parameters.momentum is '1.5': too big: expected number to be <=1.",
    );
  });
});
