import { expect, test } from 'vitest';
import { moreWords, showWords } from '../../../src/commands/runs-words.ts';

test('the command for more runs chooses the same ones, in the same order', () => {
  const given = {
    experiment: 'two words',
    sort: 'val_auc',
    filter: "params.epochs = '3'",
    all: true,
    limit: 20,
    quiet: true,
  };
  expect(moreWords(given, 100)).toEqual([
    ...['runs', '--experiment', 'two words', '--sort', 'val_auc', '--filter', "params.epochs = '3'", '--all'],
    ...['--limit', '100'],
  ]);
  expect(moreWords({ filter: '-x', sort: '' }, 5)).toEqual(['runs', '--filter=-x', '--limit', '5']);
});

test('a run is shown by its name, or by its id where the name would be taken for an option or cannot be shown', () => {
  const mlflowRunId = 'c05c2f263a3b4143ad6fc4adc5d26958';
  expect(showWords({ runName: 'first try', mlflowRunId })).toEqual(['runs', 'show', 'first try']);
  for (const runName of ['-first', '', 'a\u0007']) {
    expect(showWords({ runName, mlflowRunId })).toEqual(['runs', 'show', mlflowRunId]);
  }
});
