import { describe, expect, it } from 'vitest';
import { compareValues } from '../../faults/support/compare-values.ts';
import { identityOf, type WrittenEvent } from '../../faults/support/written-values.ts';

const value = (step: number, number: number | string = 0.5): WrittenEvent => ({
  ...{ v: 1, type: 'metric', key: 'loss', value: number, step, time_ms: 1000 },
});
const there = (...values: readonly (readonly [step: number, number: number, count?: number])[]) =>
  new Map(values.map(([step, number, count = 1]) => [identityOf('loss', step, 1000, number), count]));

describe('the comparison of a run log with a server', () => {
  it('finds nothing where each value is there once', () => {
    const written = [value(1), value(2, 'NaN'), value(3, 'Infinity'), value(4, '-Infinity')];
    const onServer = there([1, 0.5], [2, Number.NaN], [3, Number.MAX_VALUE], [4, -Number.MAX_VALUE]);
    expect(compareValues(written, onServer)).toEqual({ doubles: 0, problems: [] });
  });

  it('finds a value that is lost, or has another number, step or time', () => {
    expect(compareValues([value(1), value(2)], there([1, 0.5])).problems).toEqual([
      '1 values are lost: ["loss",2,1000,"0.5"]',
    ]);
    const other = compareValues([value(1)], there([1, 0.25]));
    expect(other.problems).toHaveLength(2);
    expect(other.doubles).toBe(1);
  });

  it('finds a value that is there twice', () => {
    expect(compareValues([value(1)], there([1, 0.5, 2]))).toEqual({
      doubles: 1,
      problems: ['1 values are there twice'],
    });
  });

  it('lets a value be missing that no server takes, and no other', () => {
    const refuses = ({ step }: WrittenEvent): boolean => step === 2;
    expect(compareValues([value(1), value(2)], there([1, 0.5]), refuses).problems).toEqual([]);
    expect(compareValues([value(1), value(2)], there([2, 0.5]), refuses).problems).toHaveLength(1);
  });
});
