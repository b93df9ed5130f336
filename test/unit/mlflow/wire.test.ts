import { describe, expect, it } from 'vitest';
import { double, encodeDouble, encodeMetric, integer, metric, pairs } from '../../../src/mlflow/wire.ts';

describe('what MLflow answers', () => {
  it('has NaN and infinities as texts, and infinities of SQL stores as the largest double', () => {
    const values = ['NaN', 'Infinity', '-Infinity', 1.7976931348623157e308, -1.7976931348623157e308, 0.25];
    expect(values.map((value) => double.parse(value))).toEqual([
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      0.25,
    ]);
    expect(double.safeParse('12').success).toBe(false);
  });

  it('has 64-bit integers as numbers or decimal texts', () => {
    expect([integer.parse(7), integer.parse('-1795256330933')]).toEqual([7, -1795256330933]);
    expect(integer.safeParse('7.5').success).toBe(false);
  });

  it('leaves out empty lists, empty values and zeros', () => {
    expect(pairs.parse(undefined)).toEqual({});
    expect(pairs.parse([{ key: 'a' }, { key: '__proto__', value: 'b' }])).toEqual(
      Object.fromEntries([
        ['a', ''],
        ['__proto__', 'b'],
      ]),
    );
    expect(metric.parse({ key: 'loss' })).toEqual({ key: 'loss', value: 0, step: 0, timestampMs: 0 });
  });
});

describe('what is sent', () => {
  it('has NaN and infinities as texts', () => {
    const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-300];
    expect(values.map(encodeDouble)).toEqual(['NaN', 'Infinity', '-Infinity', 1e-300]);
  });

  it('has a metric in MLflow words, with model and dataset where they are named', () => {
    const point = {
      key: 'auc',
      value: 0.5,
      step: 3,
      timestampMs: 9,
      modelId: 'm-1',
      datasetName: 'a',
      datasetDigest: 'b',
    };
    expect(encodeMetric(point)).toEqual({
      key: 'auc',
      value: 0.5,
      step: 3,
      timestamp: 9,
      model_id: 'm-1',
      dataset_name: 'a',
      dataset_digest: 'b',
    });
    expect(metric.parse(encodeMetric(point))).toEqual(point);
  });
});
