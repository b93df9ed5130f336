import { describe, expect, it } from 'vitest';
import { hashKey, randomSource, shuffled } from '../../../trainer/random.ts';

function draw(count: number, ...key: (number | string)[]): number[] {
  const random = randomSource(...key);
  return Array.from({ length: count }, () => random.next());
}

describe('randomSource', () => {
  it('gives equal streams to equal keys', () => {
    expect(draw(5, 1, 'order', 2)).toEqual(draw(5, 1, 'order', 2));
  });

  it('gives other streams to keys that differ in one part, its place or its borders', () => {
    const streams = [draw(3, 1, 2), draw(3, 2, 1), draw(3, 12), draw(3, 1, 3), draw(3, '1', '2', ''), draw(3, 'a')];
    expect(new Set(streams.map(String)).size).toBe(streams.length);
  });

  it('is uniform in [0, 1)', () => {
    const numbers = draw(20_000, 7);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThan(1);
    const tenths = Array.from({ length: 10 }, (_, tenth) => numbers.filter((n) => Math.floor(n * 10) === tenth).length);
    for (const count of tenths) expect(Math.abs(count - 2000)).toBeLessThan(200);
  });

  it('begins differently for neighbouring seeds', () => {
    const first = Array.from({ length: 2000 }, (_, seed) => randomSource(seed).next());
    expect(first.reduce((sum, value) => sum + value, 0) / first.length).toBeCloseTo(0.5, 1);
    expect(new Set(first).size).toBe(first.length);
  });

  it('keeps whole and bounded numbers within their bounds', () => {
    const random = randomSource(3);
    for (let round = 0; round < 500; round += 1) {
      expect([0, 1, 2]).toContain(random.integer(3));
      const value = random.between(-2, 5);
      expect(value).toBeGreaterThanOrEqual(-2);
      expect(value).toBeLessThan(5);
    }
  });
});

describe('hashKey', () => {
  it('is a whole number of 32 bits', () => {
    expect(hashKey(['x', 1])).toBe(hashKey(['x', 1]) >>> 0);
  });
});

describe('shuffled', () => {
  it('keeps every item, changes the order, and leaves the original alone', () => {
    const items = Array.from({ length: 50 }, (_, index) => index);
    const result = shuffled(items, randomSource(1));
    expect(result).not.toEqual(items);
    expect([...result].sort((a, b) => a - b)).toEqual(items);
    expect(items[49]).toBe(49);
  });
});
