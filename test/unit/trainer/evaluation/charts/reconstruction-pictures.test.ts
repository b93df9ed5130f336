import { describe, expect, it } from 'vitest';
import { generatorOf } from '../../../../../trainer/components/sample.ts';
import { StandardPreprocessor } from '../../../../../trainer/data/preprocessors/standard.ts';
import { type Chart, renderSvg } from '../../../../../trainer/evaluation/charts/chart.ts';
import { errorHistogram } from '../../../../../trainer/evaluation/charts/error-histogram.ts';
import { imageSheet, reconstructionSheet } from '../../../../../trainer/evaluation/charts/reconstruction-sheet.ts';
import { errorsOf } from '../../../../../trainer/evaluation/reconstructions.ts';
import type { ScoredPart } from '../../../../../trainer/evaluation/scored-part.ts';
import { madeReconstructions, reconstructed } from '../../../../support/made-reconstructions.ts';
import { allElements, drawnTexts, parseXml } from '../../../../support/parse-xml.ts';

const names = { name: 'reconstructions', title: 'Images' };
const batches = { preprocessor: new StandardPreprocessor({ scaling: 'unit' }), augmentor: null, seed: 1, epoch: 1 };

/** The words of a picture, checked for numbers that are none. */
async function textsOf(chart: Chart): Promise<string> {
  const svg = await renderSvg(chart);
  expect(svg.length).toBeLessThan(1_000_000);
  const document = parseXml(svg);
  for (const { attributes } of allElements(document)) {
    for (const key of ['d', 'transform', 'x', 'y', 'width', 'height']) {
      expect(attributes[key] ?? '').not.toMatch(/NaN|Infinity|undefined/);
    }
  }
  return drawnTexts(document).join(' ').replaceAll('\n', ' ');
}

interface TileRow {
  readonly id: string;
  readonly of: string;
  readonly mse: number;
  readonly image: string;
}

describe('the sheet of reconstructions', () => {
  const { part, samples } = madeReconstructions({ count: 40, side: 8, channels: 3 });
  const sheet = (of: ScoredPart) => reconstructionSheet(of, reconstructed(samples), names);

  it('has each image beside what became of it, the worst and the best', async () => {
    const chart = await sheet(part);
    const tiles = JSON.parse(chart.data) as TileRow[];
    expect(tiles).toHaveLength(24);
    const errors = [...errorsOf(part, 'mse')].sort((a, b) => b - a);
    const shown = tiles.filter((_, index) => index % 2 === 0).map(({ mse }) => mse);
    expect(shown).toEqual([...errors.slice(0, 6), ...errors.slice(-6).reverse()]);
    for (const [index, tile] of tiles.entries()) {
      expect(tile.of).toBe(index % 2 === 0 ? 'image' : 'reconstruction');
      expect(tile.id).toBe(tiles[index - (index % 2)]?.id);
      expect(tile.image).not.toBe(tiles[index ^ 1]?.image);
    }
    const texts = await textsOf(chart);
    expect(texts).toContain('highest error');
    expect(texts).toContain('lowest error');
    expect(texts).toMatch(/mse 0\.\d+/);
  });

  it('shows no image twice, and leaves out what is broken', async () => {
    const few = madeReconstructions({ count: 8, side: 4 });
    const scores = few.part.scores.slice();
    scores.fill(Number.NaN, 0, 3);
    const chart = await reconstructionSheet({ ...few.part, scores }, reconstructed(few.samples), names);
    const ids = (JSON.parse(chart.data) as TileRow[]).map(({ id }) => id);
    expect(new Set(ids).size).toBe(7);
    expect(ids).toHaveLength(14);
    expect(ids).not.toContain('image-0');
    expect(await textsOf(chart)).toContain('1 of 8 errors not finite and left out');
  });

  it('says in words where there is nothing to show', async () => {
    const broken = await sheet({ ...part, scores: part.scores.map(() => Number.NaN) });
    expect(await textsOf(broken)).toContain('None of 40 reconstructions has a finite error.');
    const nothing = await sheet({ ...part, ids: [], scores: new Float32Array() });
    expect(await textsOf(nothing)).toContain('There are no samples.');
  });
});

describe('the sheet of training images', () => {
  it('has the first of the epoch, without classes', async () => {
    const { samples } = madeReconstructions({ count: 40, side: 8 });
    const chart = await imageSheet(generatorOf(samples), batches);
    expect((JSON.parse(chart.data) as TileRow[]).map(({ id }) => id)).toEqual(samples.slice(0, 24).map(({ id }) => id));
    expect(await textsOf(chart)).toContain('8 × 8 pixels');
    expect(await textsOf(await imageSheet(generatorOf([]), batches))).toContain('There are no samples.');
  });
});

describe('the histogram of errors', () => {
  const histogram = (...errors: number[]) => errorHistogram(errors, { name: 'error-histogram', title: 'Errors' });

  it('counts every finite error, from 0 to the largest', async () => {
    const chart = histogram(0, 0.1, 0.1, 0.4, Number.NaN);
    const rows = chart.data.trimEnd().split('\n').slice(1);
    expect(rows).toHaveLength(40);
    expect(rows.map((row) => Number(row.split(',')[2])).reduce((sum, count) => sum + count, 0)).toBe(4);
    expect(rows[0]).toBe('0,0.01,1');
    expect(rows[39]).toBe('0.39,0.4,1');
    const texts = await textsOf(chart);
    expect(texts).toContain('mean 0.15 (dashed), median 0.1, highest 0.4');
    expect(texts).toContain('1 of 5 errors not finite and left out');
  });

  it('draws errors that are all 0, and says where there are none', async () => {
    expect(await textsOf(histogram(0, 0))).toContain('highest 0');
    expect(await textsOf(histogram(Number.NaN))).toContain('None of 1 errors is a finite number.');
    expect(await textsOf(histogram())).toContain('There are no samples.');
  });
});
