import { describe, expect, it } from 'vitest';
import { checkTrainerCommand, isTrainerCommand } from '../../../src/trainer-program/index.ts';

describe('a command of the trainer', () => {
  it('is known by its first word', () => {
    expect(isTrainerCommand('slipway-train --config {config}')).toBe(true);
    expect(isTrainerCommand('  slipway-train\n')).toBe(true);
    expect(isTrainerCommand('slipway-trainer --config {config}')).toBe(false);
    expect(isTrainerCommand('node slipway-train')).toBe(false);
  });

  it.each([
    'slipway-train --epochs $(cat n)',
    'slipway-train --epochs 1 && rm x',
    'slipway-train\nrm x',
    'a "$X"',
    'a `x`',
  ])('is left to the trainer itself where only a shell can read it: %s', async (command) => {
    expect(await checkTrainerCommand(command, {})).toEqual({});
  });
});
