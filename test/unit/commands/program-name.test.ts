import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { programName, withProgramName } from '../../../src/commands/program-name.ts';
import { temporaryDirectory } from '../../support/index.ts';

test('the program is called as it can be typed: by its name on the PATH, else by its path', async () => {
  await using folder = await temporaryDirectory();
  const script = folder.join('clone', 'bin', 'slipway');
  mkdirSync(folder.join('clone', 'bin'), { recursive: true });
  mkdirSync(folder.join('usr'));
  mkdirSync(folder.join('other'));
  writeFileSync(script, '');
  writeFileSync(folder.join('other', 'slipway'), '');
  symlinkSync(script, folder.join('usr', 'slipway'));
  expect(programName(script, folder.join('clone'), undefined)).toBe('bin/slipway');
  expect(programName(script, folder.join('clone', 'bin'), undefined)).toBe('./slipway');
  expect(programName(script, folder.join('usr'), undefined)).toBe(script);
  expect(programName(script, folder.join('clone'), `/nowhere:${folder.join('usr')}`)).toBe('slipway');
  // Another program of that name is another program.
  expect(programName(script, folder.join('clone'), folder.join('other'))).toBe('bin/slipway');
});

test('commands in a text get that name, and nothing else of it', () => {
  const text = 'The slipway is slippery; try `slipway sync x`, or `make run`.';
  expect(withProgramName(text, 'bin/slipway')).toBe(
    'The slipway is slippery; try `bin/slipway sync x`, or `make run`.',
  );
  expect(withProgramName(text, 'slipway')).toBe(text);
});
