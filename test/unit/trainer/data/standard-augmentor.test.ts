import { describe, expect, it } from 'vitest';
import type { Pixels, Sample } from '../../../../trainer/components/index.ts';
import { StandardAugmentor } from '../../../../trainer/data/augmentors/standard.ts';
import { type RandomSource, randomSource } from '../../../../trainer/random.ts';

function sample(side: number, pixels: Pixels, channels = 1): Sample {
  return { id: 'a', pixels, height: side, width: side, channels, label: 1, weight: 1 };
}

const three = sample(3, Uint8Array.from([10, 20, 30, 40, 50, 60, 70, 80, 90]));

/** Answers a list, and the middle of every range behind its end. */
function scripted(...answers: number[]): RandomSource {
  const next = (): number => answers.shift() ?? 0.5;
  return { next, integer: () => 0, between: (low, high) => low + (high - low) * next() };
}

const changed = (parameters: Record<string, unknown>, random: RandomSource, given = three): number[] => [
  ...new StandardAugmentor(parameters).imagePreprocess(given, random).pixels,
];

describe('the standard augmentor', () => {
  it('changes nothing by its defaults', () => {
    for (let seed = 0; seed < 5; seed += 1) expect(changed({}, randomSource(seed))).toEqual([...three.pixels]);
  });

  it('mirrors images, half of them', () => {
    expect(changed({ horizontal_flip: true }, scripted(0, 0))).toEqual([30, 20, 10, 60, 50, 40, 90, 80, 70]);
    expect(changed({ vertical_flip: true }, scripted(0, 0))).toEqual([70, 80, 90, 40, 50, 60, 10, 20, 30]);
    expect(changed({ horizontal_flip: true, vertical_flip: true }, scripted(0.6, 0.6))).toEqual([...three.pixels]);
    const mirrored = Array.from(
      { length: 200 },
      (_, seed) => changed({ horizontal_flip: true }, randomSource(seed))[0],
    );
    expect(mirrored.filter((value) => value === 30).length).toBeGreaterThan(70);
    expect(mirrored.filter((value) => value === 10).length).toBeGreaterThan(70);
  });

  it('turns them within bounds, a quarter turn exactly', () => {
    expect(changed({ rotation: 90 }, scripted(1, 1, 1))).toEqual([70, 40, 10, 80, 50, 20, 90, 60, 30]);
    expect(changed({ rotation: 90 }, scripted(1, 1, 0))).toEqual([30, 60, 90, 20, 50, 80, 10, 40, 70]);
    expect(changed({ rotation: 180 }, scripted(1, 1, 1))).toEqual([...three.pixels].reverse());
  });

  it('moves them by shares of their size, repeating the edge', () => {
    expect(changed({ shift: 1 / 3 }, scripted(1, 1, 0.5, 0.5, 1, 0.5))).toEqual([10, 10, 20, 40, 40, 50, 70, 70, 80]);
    expect(changed({ shift: 1 / 3 }, scripted(1, 1, 0.5, 0.5, 0.5, 0))).toEqual([40, 50, 60, 70, 80, 90, 70, 80, 90]);
  });

  it('makes them larger and smaller about their middle', () => {
    const spot = sample(
      5,
      Uint8Array.from({ length: 25 }, (_, place) => (place === 12 ? 200 : 0)),
    );
    const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
    expect(sum(changed({ zoom: 0.5 }, scripted(1, 1, 0.5, 1), spot))).toBeGreaterThan(300);
    expect(sum(changed({ zoom: 0.5 }, scripted(1, 1, 0.5, 0), spot))).toBe(200);
  });

  it('changes brightness and contrast within what the pixels can hold', () => {
    expect(changed({ brightness: 0.5 }, scripted(1, 1, 0.5, 0.5, 0.5, 0.5, 1)).slice(0, 3)).toEqual([15, 30, 45]);
    const bright = sample(1, Uint8Array.from([250]));
    expect(changed({ brightness: 1 }, scripted(1, 1, 0.5, 0.5, 0.5, 0.5, 1), bright)).toEqual([255]);
    const flat = changed({ contrast: 1 }, scripted(1, 1, 0.5, 0.5, 0.5, 0.5, 0.5, 0));
    expect(new Set(flat)).toEqual(new Set([128]));
  });

  it('adds noise of the size that is asked for', () => {
    const even = sample(100, new Uint16Array(10_000).fill(30_000));
    const values = changed({ noise: 0.01 }, randomSource(1), even);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    expect(Math.abs(mean - 30_000)).toBeLessThan(30);
    expect(deviation / 655.35).toBeGreaterThan(0.97);
    expect(deviation / 655.35).toBeLessThan(1.03);
  });

  it('keeps colours together and numbers unrounded', () => {
    const colours = sample(2, Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]), 3);
    expect(changed({ horizontal_flip: true }, scripted(0, 0), colours)).toEqual([
      4, 5, 6, 1, 2, 3, 10, 11, 12, 7, 8, 9,
    ]);
    const numbers = sample(1, Float32Array.from([-0.25]));
    expect(changed({ brightness: 0.5 }, scripted(1, 1, 0.5, 0.5, 0.5, 0.5, 1), numbers)).toEqual([-0.375]);
  });

  it('is pure: equal sources give equal results, and the sample stays', () => {
    const all = { rotation: 20, zoom: 0.2, shift: 0.1, brightness: 0.2, contrast: 0.2, noise: 0.05 };
    expect(changed(all, randomSource(3, 'a'))).toEqual(changed(all, randomSource(3, 'a')));
    expect(changed(all, randomSource(3, 'a'))).not.toEqual(changed(all, randomSource(4, 'a')));
    expect([...three.pixels]).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90]);
  });
});
