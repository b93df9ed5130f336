import { describe, expect, it } from 'vitest';
import { createCommandLine } from '../../../src/commands/index.ts';

const never = new AbortController().signal;

function run(...words: string[]): Promise<number> {
  return createCommandLine({ politeStop: never, forcedStop: never }).run(words);
}

describe('a command line that is wrong', () => {
  it('is told so with the help of the verb it names, or of all of them', async () => {
    await expect(run('run', '--bogus')).rejects.toMatchObject({
      message: expect.stringContaining('bogus'),
      hint: 'slipway run --help',
      exitCode: 64,
    });
    await expect(run()).rejects.toMatchObject({ message: expect.stringContaining('missing'), hint: 'slipway --help' });
  });

  it('is told the verb that is near the one it names', async () => {
    await expect(run('rnu')).rejects.toMatchObject({
      message: 'There is no command rnu. Did you mean run?',
      hint: 'slipway --help',
    });
  });
});
