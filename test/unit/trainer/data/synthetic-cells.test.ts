import { describe, expect, it } from 'vitest';
import { type Dataset, readDataset, samplesOf, splitNames } from '../../../../trainer/data/dataset.ts';
import { syntheticCell } from '../../../../trainer/data/synthetic-cells.ts';
import { areaUnderRocCurve } from '../../../../trainer/evaluation/metrics.ts';
import { allSamples, syntheticLoader } from '../../../support/list-loader.ts';

const counts = { training: 60, validation: 20, test: 40 };

async function draw(seed = 1): Promise<Dataset> {
  return readDataset(await syntheticLoader(counts, { seed }));
}

describe('the loader of synthetic cells', () => {
  it('draws as many cells as asked, both classes alike, and says everywhere that they are synthetic', async () => {
    const { splits, imageShape, classNames, origin } = await draw();
    expect(splitNames.map((name) => splits[name].ids.length)).toEqual([60, 20, 40]);
    expect(splits.training.labels.filter((label) => label === 1)).toHaveLength(30);
    expect(imageShape).toEqual([32, 32, 3]);
    expect(origin.isSynthetic).toBe(true);
    for (const text of [origin.name, origin.description, origin.source, ...classNames]) {
      expect(text).toContain('synthetic');
    }
    for (const id of splits.test.ids) expect(id).toMatch(/^synthetic\//);
    const usual = await syntheticLoader({ training: 0, validation: 0, test: 0 });
    expect(usual.createTrainingGenerator().count).toBe(2000);
    expect(usual.createTestGenerator().count).toBe(400);
  });

  it('is decided by the seed', async () => {
    const [one, again, other] = await Promise.all([draw(), draw(), draw(2)]);
    expect(again.splits).toEqual(one.splits);
    expect(other.splits.training.digest).not.toBe(one.splits.training.digest);
  });

  it('gives no cell to two parts', async () => {
    const dataset = await draw();
    const parts = await Promise.all(splitNames.map((name) => allSamples(samplesOf(dataset, name))));
    const pixels = parts.flat().map((sample) => String(sample.pixels));
    expect(new Set(pixels).size).toBe(pixels.length);
  });

  it('draws the same cell whatever the number of others', () => {
    expect(syntheticCell(1, 'training', 7, 32)).toEqual(syntheticCell(1, 'training', 7, 32));
    expect(syntheticCell(1, 'test', 7, 32).pixels).not.toEqual(syntheticCell(1, 'training', 7, 32).pixels);
  });
});

describe('the synthetic classes', () => {
  const samples = Array.from({ length: 400 }, (_, index) => syntheticCell(3, 'training', index, 50));
  const labels = samples.map((_, index) => index % 2);
  const separation = (measure: (pixels: Uint8Array) => number): number => {
    const area = areaUnderRocCurve(
      labels,
      samples.map(({ pixels }) => measure(pixels as Uint8Array)),
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
