import { expect, test } from 'vitest';
import { withProgramName } from '../../../src/commands/program-name.ts';

test('commands in a text get that name, and nothing else of it', () => {
  const text = 'The slipway is slippery; try `slipway sync x`, or `make run`.';
  expect(withProgramName(text, 'bin/slipway')).toBe(
    'The slipway is slippery; try `bin/slipway sync x`, or `make run`.',
  );
  expect(withProgramName(text, 'slipway')).toBe(text);
  expect(withProgramName('`slipway run` or `A_B=http://… slipway sync x`', 'npx slipway')).toBe(
    '`npx slipway run` or `A_B=http://… npx slipway sync x`',
  );
  expect(withProgramName('`slipway-train --check`', 'npx slipway')).toBe('`slipway-train --check`');
});
