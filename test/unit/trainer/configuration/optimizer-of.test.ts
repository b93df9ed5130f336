import { describe, expect, it } from 'vitest';
import type { Configuration } from '../../../../trainer/configuration/configuration.ts';
import { optimizerOf } from '../../../../trainer/configuration/optimizer-of.ts';
import { adam } from '../../../../trainer/training/optimizers/adam.ts';

const configuration = {
  optimizer: { definition: adam, parameters: adam.parameters.parse({}) },
  modelBuilder: { name: 'model.Mine' },
} as unknown as Configuration;

describe('the optimizer of a training', () => {
  it('is that of the configuration where the network brings none', () => {
    expect(optimizerOf({}, configuration)).toBe(configuration.optimizer);
  });

  it("is the network's own, with Keras's defaults for what it does not say", () => {
    const { definition, parameters } = optimizerOf(
      { optimizer: { name: 'momentum', parameters: { nesterov: true } } },
      configuration,
    );
    expect(definition.name).toBe('momentum');
    expect(parameters).toMatchObject({ nesterov: true, momentum: expect.any(Number) });
  });

  it.each([
    [{ name: 'lion' }, 'The network model.Mine has the optimizer "lion": expected one of sgd, momentum, '],
    [{ name: 'adam', parameters: { beta_1: 2 } }, 'has the optimizer "adam", whose parameters are refused: beta_1: '],
  ])('is refused: %j', (optimizer, message) => {
    expect(() => optimizerOf({ optimizer }, configuration)).toThrow(message);
  });
});
