import { describe, expect, it } from 'vitest';
import { resizeImage } from '../../../../trainer/data/resize.ts';

function image(height: number, width: number, values: readonly number[], channels = 1) {
  return { pixels: Uint8Array.from(values), height, width, channels };
}

describe('resizeImage', () => {
  it('leaves an image of the right size as it is', () => {
    const same = image(1, 2, [1, 2]);
    expect(resizeImage(same, 1, 2)).toBe(same);
  });

  it('averages where it shrinks: by half with the weights 1/8, 3/8, 3/8, 1/8', () => {
    // At the border the outer weight falls away, and the rest is scaled to 1: (3*0 + 3*80 + 160) / 7.
    expect([...resizeImage(image(1, 4, [0, 80, 160, 240]), 1, 2).pixels]).toEqual([57, 183]);
  });

  it('interpolates between centres where it grows', () => {
    expect([...resizeImage(image(1, 2, [0, 100]), 1, 4).pixels]).toEqual([0, 25, 75, 100]);
  });

  it('keeps a plain image plain and channels apart', () => {
    const plain = image(5, 7, Array.from({ length: 35 }, () => [10, 200, 90]).flat(), 3);
    const { pixels, ...shape } = resizeImage(plain, 3, 9);
    expect(shape).toEqual({ height: 3, width: 9, channels: 3 });
    expect([...pixels]).toEqual(Array.from({ length: 27 }, () => [10, 200, 90]).flat());
  });

  it('treats rows as columns', () => {
    const values = Array.from({ length: 35 }, (_, index) => (index * 37) % 256);
    const turned = Array.from({ length: 35 }, (_, index) => values[(index % 5) * 7 + Math.floor(index / 5)] as number);
    const straight = resizeImage(image(5, 7, values), 3, 4).pixels;
    const sideways = resizeImage(image(7, 5, turned), 4, 3).pixels;
    for (let y = 0; y < 3; y += 1) {
      for (let x = 0; x < 4; x += 1)
        expect(Math.abs((straight[y * 4 + x] as number) - (sideways[x * 3 + y] as number))).toBeLessThanOrEqual(1);
    }
  });
});
