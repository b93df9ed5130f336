import { describe, expect, it } from 'vitest';
import { apportion, limitSamples } from '../../../../trainer/data/limit.ts';
import { randomSource } from '../../../../trainer/random.ts';

const items = Array.from({ length: 100 }, (_, index) => ({ index, label: index < 20 ? 1 : 0 }));
const positives = (chosen: readonly { label: number }[]): number => chosen.filter(({ label }) => label === 1).length;

describe('limitSamples', () => {
  it('takes all for 0 and for a limit that is not reached', () => {
    expect(limitSamples(items, 0, randomSource(1))).toEqual(items);
    expect(limitSamples(items, 500, randomSource(1))).toEqual(items);
  });

  it('keeps the proportion of the classes and the order of the items', () => {
    const chosen = limitSamples(items, 30, randomSource(1));
    expect(chosen).toHaveLength(30);
    expect(positives(chosen)).toBe(6);
    expect(chosen.map(({ index }) => index)).toEqual(chosen.map(({ index }) => index).sort((a, b) => a - b));
  });

  it('keeps one of a rare class', () => {
    expect(positives(limitSamples(items, 2, randomSource(1)))).toBe(1);
    const rare = items.map(({ index }) => ({ index, label: index === 5 ? 1 : 0 }));
    expect(positives(limitSamples(rare, 10, randomSource(1)))).toBe(1);
  });

  it('keeps the proportion of many classes, and one of each where the limit allows', () => {
    const many = Array.from({ length: 200 }, (_, index) => ({ index, label: index < 150 ? 0 : index < 198 ? 1 : 2 }));
    const counts = (limit: number) => {
      const chosen = limitSamples(many, limit, randomSource(1));
      return [0, 1, 2].map((label) => chosen.filter((item) => item.label === label).length);
    };
    expect(counts(100)).toEqual([75, 24, 1]);
    expect(counts(10)).toEqual([7, 2, 1]);
    expect(counts(3)).toEqual([1, 1, 1]);
    expect(counts(2)).toEqual([2, 0, 0]);
  });

  it('deals out all there is to deal', () => {
    for (const total of [0, 1, 7, 99]) {
      expect(apportion([3, 5, 11, 1], total).reduce((sum, count) => sum + count, 0)).toBe(total);
    }
  });

  it('draws by the random source', () => {
    expect(limitSamples(items, 10, randomSource(1))).toEqual(limitSamples(items, 10, randomSource(1)));
    expect(limitSamples(items, 10, randomSource(1))).not.toEqual(limitSamples(items, 10, randomSource(2)));
  });
});
