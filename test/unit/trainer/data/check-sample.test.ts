import { describe, expect, it, vi } from 'vitest';
import type { Sample } from '../../../../trainer/components/index.ts';
import { checkSample } from '../../../../trainer/data/check-sample.ts';
import { listDataset } from '../../../support/list-loader.ts';

const good: Sample = { id: 'a', pixels: new Uint8Array(6), height: 1, width: 2, channels: 3, label: 1, weight: 1 };

const mine = { classNames: ['a', 'b'], nameOf: (id: string) => `The sample ${id} of Mine` };

describe('a sample as a loader gave it', () => {
  it('is taken with pixels of each kind', () => {
    for (const pixels of [new Uint8Array(6), new Uint16Array(6), new Float32Array(6)]) {
      expect(() => checkSample({ ...good, pixels }, mine)).not.toThrow();
    }
    expect(() => checkSample({ ...good, label: 0.25 }, { ...mine, classNames: [] })).not.toThrow();
  });

  it('is not looked for by its name where nothing is wrong: that would take as long as there are samples', () => {
    const nameOf = vi.fn();
    checkSample(good, { ...mine, nameOf });
    expect(nameOf).not.toHaveBeenCalled();
  });

  it.each<[string, object, string]>([
    ['no id', { id: '' }, 'A sample of Object has the id "": expected a text that tells it apart.'],
    ['a list', { pixels: [1, 2, 3, 4, 5, 6] }, 'The sample a of Mine has no pixels: expected a Uint8Array'],
    ['a shape', { width: undefined }, 'has height 1, width undefined and channels 3: expected whole numbers from 1.'],
    ['a size', { width: 3 }, 'has 6 pixel values, but 3x1 pixels with 3 channels are 9.'],
    [
      'a number',
      { pixels: Float32Array.of(1, 2, 3, Number.NaN, 5, 6) },
      'has NaN as its pixel value 3: expected finite',
    ],
    ['a label', { label: 2 }, 'The sample a of Mine has the label 2, but there are 2 classes, from 0.'],
    ['half a label', { label: 0.5 }, 'has the label 0.5, but there are 2 classes, from 0.'],
    ['a weight', { weight: -1 }, 'The sample a of Mine has the weight -1; expected 0 or more.'],
  ])('is refused by its id and the name of its loader: %s', (_what, wrong, message) => {
    const sample = { ...good, ...wrong } as Sample;
    expect(() => checkSample(sample, mine)).toThrow(expect.objectContaining({ exitCode: 64 }));
    expect(() => checkSample(sample, mine)).toThrow(message);
  });

  it('is looked at before anything is trained', async () => {
    const wrong = { ...good, id: 'b', pixels: new Float32Array(6).fill(Number.NaN) };
    await expect(listDataset({ training: [good, wrong] })).rejects.toThrow('The sample b of ListLoader has NaN');
  });
});
