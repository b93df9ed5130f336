import { describe, expect, it } from 'vitest';
import { RunLogAppender, readRunLog } from '../../../src/runlog/index.ts';
import { PendingValues } from '../../../src/stream/pending-values.ts';
import { divergedTag, indexRunLog, RunIndex } from '../../../src/stream/run-index.ts';
import { temporaryDirectory } from '../../support/index.ts';

/** What the values lane, and a stream that resumes behind them, make of values that a program has logged at step 3. */
async function logged(values: Readonly<Record<string, number>>) {
  await using folder = await temporaryDirectory();
  const log = RunLogAppender.open(folder.path, 'program');
  for (const [key, value] of Object.entries(values)) log.metric(key, value, 3);
  log.close();
  const pending = new PendingValues();
  const index = new RunIndex({});
  for await (const entry of readRunLog(folder.path)) pending.add(entry, index);
  const resumed = new RunIndex({});
  await indexRunLog(resumed, folder.path, () => true);
  return { tag: pending.tags.get(divergedTag), notices: pending.notices, resumed: resumed.hasDiverged };
}

describe('a value that is no finite number', () => {
  it.each(['loss', 'val_loss', 'train/mse', 'perplexity'])(
    'says of the loss %s that the run has diverged',
    async (key) => {
      expect(await logged({ [key]: Number.POSITIVE_INFINITY })).toEqual({
        tag: `step 3: ${key} is Infinity`,
        notices: [`The run has diverged: ${key} is Infinity at step 3.`],
        resumed: true,
      });
    },
  );

  it.each(['fpr', 'val_fnr', 'mape', 'wer', 'val_auc'])(
    'says of %s, which is no loss, how MLflow shows it',
    async (key) => {
      expect(await logged({ [key]: Number.NaN })).toEqual({
        tag: undefined,
        notices: [`${key} is NaN at step 3, which MLflow shows as no value at all.`],
        resumed: false,
      });
    },
  );
});
