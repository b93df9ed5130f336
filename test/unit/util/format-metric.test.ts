import { describe, expect, it } from 'vitest';
import { bestIndex, formatMetric, isLowerBetter, primaryMetricKeys } from '../../../src/util/index.ts';

describe('formatMetric', () => {
  it.each([
    ['val_precision', 1, '1.0000'],
    ['val_precision', 0.02, '0.0200'],
    ['recall', 0, '0.0000'],
    ['loss', 12.345, '12.3450'],
    ['loss', 123.456_78, '123.457'],
    ['rmse', 1234.567, '1234.57'],
    ['mae', 45_678.91, '45678.9'],
    ['words', 7, '7'],
    ['words', 123_456, '123456'],
    ['ratio', 0.5, '0.5000'],
    ['loss', 0.000_999, '9.99e-4'],
    ['loss', -0.25, '-0.2500'],
    ['loss', 123_456_789, '1.23e8'],
    ['loss', Number.NaN, 'NaN'],
    ['loss', Number.NEGATIVE_INFINITY, '-∞'],
  ])('writes the %s %d as %s', (key, value, text) => {
    expect(formatMetric(key, value)).toBe(text);
  });
});

describe('the best of a metric', () => {
  it('is the least of a loss or an error, and else the most', () => {
    for (const key of ['loss', 'val_loss', 'test_rmse', 'top1_error', 'train/loss', 'WER']) {
      expect(isLowerBetter(key), key).toBe(true);
    }
    for (const key of ['accuracy', 'val_auc', 'lossless_ratio', 'reward', 'floss']) {
      expect(isLowerBetter(key), key).toBe(false);
    }
    expect(bestIndex('val_loss', [3, 1, 2, 1])).toBe(1);
    expect(bestIndex('val_auc', [Number.NaN, 0.5, Number.POSITIVE_INFINITY, 0.7])).toBe(3);
    expect(bestIndex('val_auc', [Number.NaN])).toBeNull();
    expect(bestIndex('val_auc', [])).toBeNull();
  });

  it('is looked for first in the metric that the project names', () => {
    expect(primaryMetricKeys('f1')[0]).toBe('f1');
    expect(primaryMetricKeys('loss').filter((key) => key === 'loss')).toHaveLength(1);
    expect(primaryMetricKeys(null)[0]).toBe('val_auc');
  });
});
