import { expect, it } from 'vitest';
import { MetricRows } from '../../../src/report/metric-rows.ts';

it('goes on giving rows where the clock is set back', () => {
  const rows = new MetricRows();
  const add = (step: number, nowMs: number) =>
    rows.add({ type: 'metric', timeMs: nowMs, key: 'loss', value: 1 / step, step }, nowMs);
  add(1, 10_000_000);
  add(2, 10_000_100);
  const later = Array.from({ length: 20 }, (_, index) => add(3 + index, 6_400_000 + index * 1000));
  expect(later.filter((row) => row !== undefined).map(({ step }) => step)).toEqual(
    Array.from({ length: 20 }, (_, index) => 2 + index),
  );
});
