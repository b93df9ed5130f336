import { expect, test } from 'vitest';
import {
  codeBlocks,
  documentedCommands,
  firstMissing,
  inlineCommands,
  shapeOf,
  shellCommands,
} from '../../support/documented-commands.ts';

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

test('the commands of a document come with what it shows of their output', () => {
  const text = '```sh\na\nb  # why\n```\n\n```text\nout\n\nput\n```\n```sh\nc\n```\n```\nno output\n```\n';
  expect(documentedCommands(text)).toEqual([
    { command: 'a', line: 1, output: [] },
    { command: 'b', line: 1, output: ['out', 'put'] },
    { command: 'c', line: 11, output: [] },
  ]);
});

test('commands are found in the text, but not twice, and none in blocks or of other programs', () => {
  const text = 'Run `make\ndoctor`, `bin/slipway runs`, `make doctor`, `git log` or `--quiet`.\n```sh\nmake `x`\n```\n';
  expect(inlineCommands(text)).toEqual(['make doctor', 'bin/slipway runs']);
});

test('the first line of an output that was not printed, or not in this order, is found', () => {
  const printed = ['epoch 1/2 loss 0.5', 'epoch 2/2 loss 0.4', 'FINISHED after 3 s', '  files /data/runs/x'];
  expect(firstMissing(['epoch 1/5 loss 0.7', '…', 'FINISHED after 1 min 09 s', 'files …'], printed)).toBeNull();
  expect(firstMissing(['FINISHED after 9 s', 'epoch 1/5 loss 0.7'], printed)).toBe('epoch 1/5 loss 0.7');
  const wrapped = ['Data: 2800 cells, 2000 for training, 400', 'for test.', 'FINISHED'];
  expect(firstMissing(['Data: 650 cells, 200 for training, 400 for test.', 'FINISHED'], wrapped)).toBeNull();
  expect(firstMissing(['Data: 650 cells, 200 for training.'], wrapped)).toBe('Data: 650 cells, 200 for training.');
  expect(firstMissing(['FAILED after 9 s'], printed)).toBe('FAILED after 9 s');
  expect(firstMissing(['.* after 9 s'], printed)).toBe('.* after 9 s');
  expect(firstMissing(['epoch 3/9 loss 0.1', 'epoch 3/9 loss 0.1', 'epoch 3/9 loss 0.1'], printed)).not.toBeNull();
});
