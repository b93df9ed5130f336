import { describe, expect, it } from 'vitest';
import { patientOf, splitByPatient } from '../../../../trainer/data/patient-split.ts';
import { randomSource } from '../../../../trainer/random.ts';

describe('patientOf', () => {
  it.each([
    ['C100P61ThinF_IMG_20150918_144104_cell_162.png', '100'],
    ['C1_thinF_IMG_20150604_104722_cell_9.png', '1'],
    ['ParasitizedC33P1thinF_IMG_20150619_114756a_cell_179.png', '33'],
    ['xC33.png', null],
    ['cell.png', null],
  ])('reads %s as %s', (name, patient) => {
    expect(patientOf(name)).toBe(patient);
  });
});

/** 60 patients of 20 to 120 cells; every fourth is healthy. */
const cells = Array.from({ length: 60 }, (_, patient) => {
  const count = 20 + randomSource(patient).integer(100);
  return Array.from({ length: count }, (_unused, index) => ({
    patient: String(patient),
    label: patient % 4 === 0 ? 0 : index % 2,
  }));
}).flat();

describe('splitByPatient', () => {
  it('gives near 70, 15 and 15 % of the cells, and healthy patients to every part', () => {
    const parts = splitByPatient(cells, 1);
    const share = (name: string): number =>
      cells.filter(({ patient }) => parts.get(patient) === name).length / cells.length;
    expect(share('training')).toBeCloseTo(0.7, 1);
    expect(Math.abs(share('validation') - 0.15)).toBeLessThan(0.03);
    expect(Math.abs(share('test') - 0.15)).toBeLessThan(0.03);
    const healthy = [...parts].filter(([patient]) => Number(patient) % 4 === 0).map(([, name]) => name);
    expect(new Set(healthy).size).toBe(3);
    expect(parts.size).toBe(60);
  });

  it('depends on the seed and not on the order of the cells', () => {
    const sorted = (map: ReadonlyMap<string, string>): string[] => [...map].map(String).sort();
    expect(sorted(splitByPatient([...cells].reverse(), 1))).toEqual(sorted(splitByPatient(cells, 1)));
    expect(sorted(splitByPatient(cells, 2))).not.toEqual(sorted(splitByPatient(cells, 1)));
  });

  it('refuses fewer than three infected patients', () => {
    const few = cells.filter(({ patient }) => ['1', '2', '4', '8'].includes(patient));
    expect(() => splitByPatient(few, 1)).toThrow('parasitized cells of 2 patients');
  });
});
