import { expect, test } from 'vitest';
import { metricStem } from '../../../src/util/metric-stem.ts';
import { describesModel, isLowerBetter } from '../../../src/util/primary-metric.ts';

test.each([
  ['val_auc', 'validation', 'auc'],
  ['validation/auc', 'validation', 'auc'],
  ['test_loss', 'test', 'loss'],
  ['train/loss', 'training', 'loss'],
  ['loss', 'training', 'loss'],
  ['value_loss', 'training', 'value_loss'],
  ['test_', 'training', 'test_'],
])('%s is measured on %s data and measures %s', (key, set, stem) => {
  expect(metricStem(key)).toEqual({ set, stem });
});

test('values about the machine or one batch say nothing about the model', () => {
  const keys = ['system/cpu', 'batch/loss', 'learning_rate', 'epoch_seconds', 'val/loss', 'loss'];
  expect(keys.filter(describesModel)).toEqual(['val/loss', 'loss']);
});

test('losses and errors are better the lower they are, and names that only look alike are not', () => {
  for (const key of ['loss', 'val_loss', 'val/rmse', 'top_1_error', 'log-loss'])
    expect(isLowerBetter(key), key).toBe(true);
  for (const key of ['auc', 'accuracy', 'glossary', 'lossless', 'f1', 'terror'])
    expect(isLowerBetter(key), key).toBe(false);
});
