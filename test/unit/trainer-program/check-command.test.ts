import { describe, expect, it } from 'vitest';
import { loadProject } from '../../../src/project/index.ts';
import { checkTrainerCommand, isOwnTrainerCommand, isTrainerCommand } from '../../../src/trainer-program/index.ts';
import { packageRoot } from '../../../src/util/package-root.ts';

describe('a command of the trainer', () => {
  it('is known by its first word', () => {
    expect(isTrainerCommand('slipway-train --config {config}')).toBe(true);
    expect(isTrainerCommand('  slipway-train\n')).toBe(true);
    expect(isTrainerCommand('slipway-trainer --config {config}')).toBe(false);
    expect(isTrainerCommand('node slipway-train')).toBe(false);
  });

  it("is also that of Slipway's own MLproject, whose values are checked before anything starts", async () => {
    const { entryPoints } = await loadProject(packageRoot());
    const { main } = entryPoints;
    expect(isOwnTrainerCommand(main?.command ?? '', packageRoot())).toBe(true);
    expect(isOwnTrainerCommand(main?.command ?? '', '/')).toBe(false);
    expect(isOwnTrainerCommand('node bin/trainer', packageRoot())).toBe(false);
    const command = "node bin/train --image-size 8 --convolutions 3 --run-name ''";
    expect(await checkTrainerCommand(command, {})).toMatchObject({ image_size: '8', convolutions: '3', run_name: '' });
    await expect(checkTrainerCommand('node bin/train --image-size 8 --convolutions 8', {})).rejects.toMatchObject({
      message: 'Parameter convolutions is 8, but an image of 8 pixels can be halved only 3 times.',
      hint: 'Lower convolutions or raise image_size.',
      exitCode: 64,
    });
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
