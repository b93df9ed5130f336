import { describe, expect, it } from 'vitest';
import { thinLine } from '../../../../trainer/evaluation/thin-line.ts';
import { randomSource } from '../../../../trainer/random.ts';

/** A rising x with a wandering y. */
function wandering(count: number, seed: number): { x: number; y: number }[] {
  const random = randomSource('line', seed);
  let [x, y] = [0, 0];
  return Array.from({ length: count }, () => {
    x += random.next() < 0.3 ? 0 : random.next();
    y += random.next() - 0.5;
    return { x, y };
  });
}

describe('a thinned line', () => {
  it('is bounded, keeps both ends and every extreme, and is never further than a column from a point left out', () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const points = wandering(500 + 40 * seed, seed);
      const columns = 10 + seed;
      const thin = thinLine(points, columns);
      expect(thin.length).toBeLessThanOrEqual(4 * columns);
      expect(thin[0]).toBe(points[0]);
      expect(thin.at(-1)).toBe(points.at(-1));
      const values = (line: readonly { y: number }[]) => line.map(({ y }) => y);
      expect(Math.max(...values(thin))).toBe(Math.max(...values(points)));
      expect(Math.min(...values(thin))).toBe(Math.min(...values(points)));
      const places = thin.map((point) => points.indexOf(point));
      expect(places).toEqual([...places].sort((a, b) => a - b));
      const width = (points.at(-1)!.x - points[0]!.x) / columns;
      for (const { x, y } of points) {
        const near = thin.filter((kept) => Math.abs(kept.x - x) <= width + 1e-9);
        expect(Math.min(...values(near)) <= y && y <= Math.max(...values(near))).toBe(true);
      }
    }
  });

  it('is the line itself where that is short, and bounded where x never changes', () => {
    const short = wandering(40, 1);
    expect(thinLine(short, 10)).toBe(short);
    const upright = Array.from({ length: 100 }, (_, y) => ({ x: 0, y }));
    expect(thinLine(upright, 5)).toEqual([upright[0], upright[99]]);
  });
});
