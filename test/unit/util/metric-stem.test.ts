import { expect, test } from 'vitest';
import { metricStem } from '../../../src/util/metric-stem.ts';
import { describesModel, isLoss, isLowerBetter } from '../../../src/util/primary-metric.ts';

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

test('a loss is told from a rate, of which less is better too, and which is no number where nothing was counted', () => {
  const losses = [
    'loss',
    'val_loss',
    'train/nll',
    'log-loss',
    'perplexity',
    'categorical_crossentropy',
    'cross entropy',
  ];
  for (const key of [...losses, 'Cost', 'val_RMSE', 'mae', 'mean_squared_error', 'test.negative_log_likelihood']) {
    expect(isLoss(key), key).toBe(true);
    expect(isLowerBetter(key), key).toBe(true);
  }
  for (const key of ['fpr', 'val_fnr', 'mape', 'wer', 'cer', 'top_1_error', 'brier']) {
    expect(isLoss(key), key).toBe(false);
    expect(isLowerBetter(key), key).toBe(true);
  }
  for (const key of ['glossary', 'lossless', 'loss_scale', 'accost', 'auc']) expect(isLoss(key), key).toBe(false);
});
