import { describe, expect, it } from 'vitest';
import { splitByGroup } from '../../../../trainer/data/splits.ts';
import { randomSource } from '../../../../trainer/random.ts';

const shares = { training: 0.7, validation: 0.15, test: 0.15 };

/** 60 patients of 20 to 120 cells; every fourth is healthy. */
const cells = Array.from({ length: 60 }, (_, patient) => {
  const count = 20 + randomSource(patient).integer(100);
  return Array.from({ length: count }, (_unused, index) => ({
    group: String(patient),
    label: patient % 4 === 0 ? 0 : index % 2,
  }));
}).flat();

/** The part of each group. */
function partsOf(items: typeof cells, seed: number): Map<string, string> {
  return new Map(splitByGroup(items, shares, seed).map((part, place) => [items[place]?.group ?? '', part]));
}

describe('splitByGroup', () => {
  it('gives near 70, 15 and 15 % of the cells, healthy patients to every part, and no patient to two', () => {
    const parts = splitByGroup(cells, shares, 1);
    const share = (name: string): number => parts.filter((part) => part === name).length / cells.length;
    expect(share('training')).toBeCloseTo(0.7, 1);
    expect(Math.abs(share('validation') - 0.15)).toBeLessThan(0.03);
    expect(Math.abs(share('test') - 0.15)).toBeLessThan(0.03);
    const ofPatients = partsOf(cells, 1);
    expect(parts).toEqual(cells.map(({ group }) => ofPatients.get(group)));
    const healthy = [...ofPatients].filter(([patient]) => Number(patient) % 4 === 0).map(([, name]) => name);
    expect(new Set(healthy).size).toBe(3);
  });

  it('depends on the seed and not on the order of the cells', () => {
    const sorted = (items: typeof cells, seed: number): string[] => [...partsOf(items, seed)].map(String).sort();
    expect(sorted([...cells].reverse(), 1)).toEqual(sorted(cells, 1));
    expect(sorted(cells, 2)).not.toEqual(sorted(cells, 1));
  });

  it('refuses fewer infected patients than parts', () => {
    const few = cells.filter(({ group }) => ['1', '2', '4', '8'].includes(group));
    expect(() => splitByGroup(few, shares, 1)).toThrow('Only 2 groups hold samples of the last class');
  });
});
