import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { toColor } from '../../../../trainer/data/color.ts';
import { decodePng } from '../../../../trainer/data/png.ts';
import { resizeImage } from '../../../../trainer/data/resize.ts';
import { noisyPng } from '../../../support/cell-images.ts';

function png(pixels: readonly (readonly number[])[], width: number, colorType: 0 | 2 | 6): Buffer {
  const image = new PNG({ width, height: pixels.length / width });
  for (const [index, pixel] of pixels.entries()) image.data.set(pixel, index * 4);
  return PNG.sync.write(image, { colorType });
}

describe('decodePng', () => {
  it('gives one channel for a grey file', () => {
    const image = decodePng(
      png(
        [
          [7, 7, 7, 255],
          [9, 9, 9, 255],
        ],
        2,
        0,
      ),
    );
    expect(image).toEqual({ pixels: Uint8Array.from([7, 9]), width: 2, height: 1, channels: 1 });
  });

  it('gives three channels for a coloured file and drops transparency', () => {
    const image = decodePng(
      png(
        [
          [1, 2, 3, 255],
          [4, 5, 6, 128],
        ],
        1,
        6,
      ),
    );
    expect(image).toEqual({ pixels: Uint8Array.from([1, 2, 3, 4, 5, 6]), width: 1, height: 2, channels: 3 });
  });

  it('keeps the 16 bits of a value, also where it is brought to another size', () => {
    const image = new PNG({ width: 2, height: 1, bitDepth: 16 });
    const deep = { ...image, data: Buffer.from(Uint16Array.from([300, 0, 0, 65535, 65500, 0, 0, 65535]).buffer) };
    const decoded = decodePng(PNG.sync.write(deep as PNG, { bitDepth: 16, colorType: 0 }));
    expect(decoded.pixels).toBeInstanceOf(Uint16Array);
    expect(decoded.channels).toBe(1);
    const halved = resizeImage(decoded, 1, 1);
    const [left = 0, right = 0] = decoded.pixels;
    expect(right).toBeGreaterThan(left + 255);
    expect(halved.pixels).toEqual(Uint16Array.of(Math.round((left + right) / 2)));
  });

  it('refuses a file from which any bytes are missing at its end', () => {
    const whole = noisyPng(16, 1, 10, 'x');
    for (let length = 0; length < whole.length; length += 1) {
      expect(() => decodePng(whole.subarray(0, length)), `${length} bytes`).toThrow(
        /^is (empty|not a PNG|a broken PNG)$/,
      );
    }
  });

  it('says of an empty, a foreign, a cut and a damaged file what it is', () => {
    const whole = noisyPng(16, 1, 10, 'x');
    const damaged = Buffer.from(whole);
    damaged[60] = (damaged[60] as number) ^ 0xff;
    expect(() => decodePng(Buffer.alloc(0))).toThrow('is empty');
    expect(() => decodePng(Buffer.from('GIF89a…'))).toThrow('is not a PNG');
    expect(() => decodePng(whole.subarray(0, whole.length / 2))).toThrow('is a broken PNG');
    expect(() => decodePng(damaged)).toThrow('is a broken PNG');
  });
});

describe('toColor', () => {
  it('repeats grey in every channel', () => {
    const grey = { pixels: Uint8Array.from([1, 2]), width: 2, height: 1, channels: 1 };
    expect([...toColor(grey).pixels]).toEqual([1, 1, 1, 2, 2, 2]);
    expect(toColor(toColor(grey))).toEqual(toColor(grey));
  });
});
