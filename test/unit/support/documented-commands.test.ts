import { expect, test } from 'vitest';
import { codeBlocks, shapeOf, shellCommands } from '../../support/documented-commands.ts';

test('the blocks of a document are found with their language and line', () => {
  const text = 'a\n```sh\nmake run\n```\nb\n```\nout\n\nput\n```\n';
  expect(codeBlocks(text)).toEqual([
    { language: 'sh', text: 'make run', line: 2 },
    { language: '', text: 'out\n\nput', line: 6 },
  ]);
});

test('the commands of a block come without comments, a continued one as a whole', () => {
  const text = '# first\nmake run   # trains\n\nbin/slipway run . \\\n  -P epochs=3\nexport A=b\n';
  expect(shellCommands(text)).toEqual(['make run', 'bin/slipway run . -P epochs=3', 'export A=b']);
});

test('two lines that differ in numbers, times and ids alone have one shape', () => {
  const one = '✓ image malaria:af8e18c87a78  18 s';
  expect(shapeOf(one)).toBe(shapeOf('✓ image  malaria:0011223344ff   1 min 02 s'));
  expect(shapeOf('epoch 1/5  loss 0.7080')).toBe(shapeOf('epoch 3/5  loss 1e-05'));
  expect(shapeOf('run 20261121-113540-ezkq ▁▃█')).toBe('run <run> <bar>');
  expect(shapeOf(one)).not.toBe(shapeOf('✗ image malaria:af8e18c87a78  18 s'));
});
