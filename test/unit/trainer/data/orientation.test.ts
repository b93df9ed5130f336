import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../../trainer/components/sample.ts';
import { OrientationAugmentor } from '../../../../trainer/data/augmentors/orientation.ts';
import { type RandomSource, randomSource } from '../../../../trainer/random.ts';

function sample(height: number, width: number, values: readonly number[], channels = 1): Sample {
  return { id: 'a', pixels: Uint8Array.from(values), height, width, channels, label: 1, weight: 1 };
}

/** A source that answers a fixed list; the fourth answer 0.5 leaves the brightness as it is. */
function scripted(...answers: number[]): RandomSource {
  const next = (): number => answers.shift() as number;
  return { next, integer: () => 0, between: (low, high) => low + (high - low) * next() };
}

const augmentor = new OrientationAugmentor();
const augmentSample = (given: Sample, random: RandomSource): Sample => augmentor.imagePreprocess(given, random);

describe('an image turned and flipped at random', () => {
  const square = sample(2, 2, [10, 20, 30, 40]);

  it('flips across, flips down, transposes, and turns by a quarter', () => {
    expect([...augmentSample(square, scripted(0, 1, 1, 0.5)).pixels]).toEqual([20, 10, 40, 30]);
    expect([...augmentSample(square, scripted(1, 0, 1, 0.5)).pixels]).toEqual([30, 40, 10, 20]);
    expect([...augmentSample(square, scripted(1, 1, 0, 0.5)).pixels]).toEqual([10, 30, 20, 40]);
    expect([...augmentSample(square, scripted(0, 1, 0, 0.5)).pixels]).toEqual([30, 10, 40, 20]);
  });

  it('reaches all eight ways a square can lie', () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 200; seed += 1) {
      const { pixels } = augmentSample(square, randomSource(seed));
      const order = [...pixels.keys()].sort((a, b) => (pixels[a] as number) - (pixels[b] as number));
      seen.add(String(order));
    }
    expect(seen.size).toBe(8);
  });

  it('keeps an oblong image oblong and colours together', () => {
    const oblong = sample(1, 2, [1, 2, 3, 4, 5, 6], 3);
    expect([...augmentSample(oblong, scripted(0, 1, 0, 0.5)).pixels]).toEqual([4, 5, 6, 1, 2, 3]);
  });

  it('changes the brightness by at most a tenth and never wraps around', () => {
    expect([...augmentSample(square, scripted(1, 1, 1, 0)).pixels]).toEqual([9, 18, 27, 36]);
    expect([...augmentSample(sample(1, 1, [250]), scripted(1, 1, 1, 1)).pixels]).toEqual([255]);
  });

  it('keeps what 16 bits and numbers can hold', () => {
    const deep = { ...square, pixels: Uint16Array.from([1000, 2000, 65_000, 4000]) };
    expect(augmentSample(deep, scripted(1, 1, 1, 1)).pixels).toEqual(Uint16Array.from([1100, 2200, 65_535, 4400]));
    const numbers = { ...square, pixels: Float32Array.from([-1, 0, 0.5, 2]) };
    expect(augmentSample(numbers, scripted(0, 1, 1, 0.5)).pixels).toEqual(Float32Array.from([0, -1, 2, 0.5]));
  });

  it('is pure: the sample stays, equal sources give equal results, and label and id are kept', () => {
    const once = augmentSample(square, randomSource(4, 2, 'a'));
    expect(once).toEqual(augmentSample(square, randomSource(4, 2, 'a')));
    expect([...square.pixels]).toEqual([10, 20, 30, 40]);
    expect(once).toMatchObject({ id: 'a', label: 1, weight: 1, height: 2, width: 2 });
  });
});
