import { describe, expect, it } from 'vitest';
import { splitNames } from '../../../../trainer/data/dataset.ts';
import { drawSyntheticCells, syntheticCell } from '../../../../trainer/data/synthetic-cells.ts';
import { areaUnderRocCurve } from '../../../../trainer/evaluation/metrics.ts';

const options = { imageSize: 32, seed: 1, trainingSamples: 60, validationSamples: 20 };

describe('drawSyntheticCells', () => {
  it('draws as many cells as asked, both classes alike, and says everywhere that they are synthetic', async () => {
    const dataset = await drawSyntheticCells(options);
    expect(splitNames.map((name) => dataset.splits[name].samples.length)).toEqual([60, 20, 400]);
    expect(dataset.splits.training.samples.filter(({ label }) => label === 1)).toHaveLength(30);
    expect(dataset.imageShape).toEqual([32, 32, 3]);
    expect(dataset.synthetic).toBe(true);
    for (const text of [dataset.name, dataset.description, dataset.source, ...dataset.classNames]) {
      expect(text).toContain('synthetic');
    }
    for (const { id } of dataset.splits.test.samples) expect(id).toMatch(/^synthetic\//);
  });

  it('is decided by the seed', async () => {
    const [one, again, other] = await Promise.all([
      drawSyntheticCells(options),
      drawSyntheticCells(options),
      drawSyntheticCells({ ...options, seed: 2 }),
    ]);
    expect(again).toEqual(one);
    expect(other.splits.training.digest).not.toBe(one.splits.training.digest);
  });

  it('gives no cell to two parts', async () => {
    const dataset = await drawSyntheticCells(options);
    const pixels = splitNames.flatMap((name) => dataset.splits[name].samples.map((sample) => String(sample.pixels)));
    expect(new Set(pixels).size).toBe(pixels.length);
  });

  it('draws the same cell whatever the number of others', () => {
    expect(syntheticCell(1, 'training', 7, 32)).toEqual(syntheticCell(1, 'training', 7, 32));
    expect(syntheticCell(1, 'test', 7, 32).pixels).not.toEqual(syntheticCell(1, 'training', 7, 32).pixels);
  });
});

describe('the synthetic classes', () => {
  const samples = Array.from({ length: 400 }, (_, index) => syntheticCell(3, 'training', index, 50));
  const labels = samples.map(({ label }) => label);
  const separation = (measure: (pixels: Uint8Array) => number): number => {
    const area = areaUnderRocCurve(
      labels,
      samples.map(({ pixels }) => measure(pixels)),
    );
    return Math.max(area, 1 - area);
  };

  it('cannot be told apart by how bright a cell is', () => {
    expect(separation((pixels) => pixels.reduce((sum, value) => sum + value, 0))).toBeLessThan(0.65);
  });

  it('cannot be told apart well by how much dark stain there is', () => {
    const dark = (pixels: Uint8Array): number =>
      pixels.filter((value, index) => index % 3 === 1 && value > 5 && value < 90).length;
    expect(separation(dark)).toBeLessThan(0.78);
  });
});
