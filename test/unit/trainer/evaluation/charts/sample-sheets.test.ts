import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { generatorOf, type Sample } from '../../../../../trainer/components/sample.ts';
import { OrientationAugmentor } from '../../../../../trainer/data/augmentors/orientation.ts';
import { batchesOf } from '../../../../../trainer/data/batches.ts';
import { StandardPreprocessor } from '../../../../../trainer/data/preprocessors/standard.ts';
import { syntheticCell } from '../../../../../trainer/data/synthetic-cells.ts';
import { renderSvg } from '../../../../../trainer/evaluation/charts/chart.ts';
import { confidentSheet, trainingSheet, worstSheet } from '../../../../../trainer/evaluation/charts/sample-sheets.ts';
import { predictedClass, sampleLoss } from '../../../../../trainer/evaluation/predictions.ts';

import { textWidth } from '../../../../../trainer/evaluation/text-width.ts';

import { shownSamples } from '../../../../support/list-loader.ts';

import { madePredictions, noisySamples } from '../../../../support/made-predictions.ts';
import { allElements, drawnTexts, parseXml } from '../../../../support/parse-xml.ts';

const two = ['uninfected', 'parasitized'];
const predictions = madePredictions({ samples: 200, classNames: two, quality: 1 });

interface Row {
  readonly id: string;
  readonly class?: string;
  readonly actual?: string;
  readonly predicted?: string;
  readonly probability?: number;
  readonly loss?: number;
  readonly correct: boolean | null;
  readonly caption: readonly string[];
  readonly image: string;
}

/** A text of the sheet, and where it begins. */
interface Placed {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

function rows({ data }: { readonly data: string }): Row[] {
  return JSON.parse(data) as Row[];
}

/** Red, green and blue of a tile. */
function pixels(image: string): number[] {
  const png = PNG.sync.read(Buffer.from(image.slice(image.indexOf(',') + 1), 'base64'));
  return [...png.data].filter((_, index) => index % 4 !== 3);
}

describe('the sheet of training samples', () => {
  const samples: Sample[] = Array.from({ length: 40 }, (_, index) => ({
    ...syntheticCell(3, 'training', index, 20),
    id: `cell ${index}`,
    label: index % 2,
    weight: 1,
  }));
  const batches = {
    preprocessor: new StandardPreprocessor(),
    augmentor: new OrientationAugmentor(),
    seed: 5,
    epoch: 1,
  };
  const sheetOf = (augmentor: OrientationAugmentor | null) =>
    trainingSheet({ samples: generatorOf(samples), classNames: two, batches: { ...batches, augmentor } });

  it('shows what the first epoch gives the network, to the byte', async () => {
    const sheet = rows(await sheetOf(batches.augmentor));
    expect(sheet).toHaveLength(24);
    // The very batches of the training, whose size is another.
    const seen = new Map<string, Float32Array>();
    for await (const { batch, samples: members } of batchesOf(generatorOf(samples), { ...batches, batchSize: 7 })) {
      const length = batch.inputs.length / batch.size;
      for (const [index, { id }] of members.entries()) {
        seen.set(id, batch.inputs.slice(index * length, (index + 1) * length));
      }
    }
    let changed = 0;
    for (const { id, image } of sheet) {
      const shown = pixels(image).map((byte) => byte / 127.5 - 1);
      const trained = seen.get(id) as Float32Array;
      expect(Math.max(...shown.map((value, index) => Math.abs(value - (trained[index] as number))))).toBeLessThan(1e-6);
      if (pixels(image).join() !== samples.find((sample) => sample.id === id)?.pixels.join()) changed += 1;
    }
    expect(changed).toBeGreaterThan(20);
  });

  it('groups them by class, and says whether they are changed at random', async () => {
    const plain = await sheetOf(null);
    expect(rows(plain).map((row) => row.class)).toEqual([
      ...new Array<string>(12).fill('uninfected'),
      ...new Array<string>(12).fill('parasitized'),
    ]);
    expect(pixels(rows(plain)[0]!.image)).toEqual([...samples.find(({ id }) => id === rows(plain)[0]?.id)!.pixels]);
    const texts = drawnTexts(parseXml(await renderSvg(plain)));
    expect(texts).toContain('not changed at random\n20 × 20 pixels');
    expect(texts).toContain('parasitized');
  });
});

describe('the sheet of the worst predictions', () => {
  const samples = noisySamples(predictions, 10, 3);

  it('shows the highest losses first, with what was said and how surely', async () => {
    const chart = await worstSheet(predictions, shownSamples(samples));
    const sheet = rows(chart);
    expect(sheet).toHaveLength(24);
    const losses = predictions.ids.map((_, sample) => sampleLoss(predictions, sample)).sort((a, b) => b - a);
    expect(sheet.map(({ loss }) => loss)).toEqual(losses.slice(0, 24));
    const [worst] = sheet as [Row];
    expect(worst).toMatchObject({ correct: false });
    expect(worst.actual).not.toBe(worst.predicted);
    expect(worst.caption).toEqual([
      expect.stringContaining('.png'),
      `is ${worst.actual}`,
      `said ${worst.predicted}`,
      `probability ${(100 * (worst.probability as number)).toFixed(1)}%`,
    ]);
    const document = parseXml(await renderSvg(chart));
    const images = allElements(document).filter(({ name }) => name === 'image');
    expect(images).toHaveLength(24);
    expect(images[0]?.attributes.style).toContain('image-rendering: pixelated');
    expect(images[0]?.attributes['xlink:href']).toBe(worst.image);
    const thick = allElements(document).filter(({ attributes }) => attributes['stroke-width'] === '3');
    expect(thick).toHaveLength(sheet.filter(({ correct }) => correct === false).length);
  });

  it('stays below a megabyte with images of noise, whatever their size', async () => {
    const few = madePredictions({ samples: 30, classNames: two });
    for (const side of [96, 97, 512]) {
      const chart = await worstSheet(few, shownSamples(noisySamples(few, side, 3)));
      const svg = await renderSvg(chart);
      expect(svg.length).toBeLessThan(1_000_000);
      const [tile] = rows(chart);
      expect(pixels(tile!.image)).toHaveLength(96 * 96 * 3);
    }
  });
});

describe('the sheet of the most confident right predictions', () => {
  it('shows of each class the right answers with the highest probability', async () => {
    const sheet = rows(await confidentSheet(predictions, shownSamples(noisySamples(predictions, 10, 1))));
    expect(sheet).toHaveLength(24);
    for (const [label, name] of two.entries()) {
      const shown = sheet.filter(({ actual }) => actual === name).map(({ probability }) => probability as number);
      const right = [...predictions.labels.keys()]
        .filter((sample) => predictions.labels[sample] === label && predictedClass(predictions, sample) === label)
        .map((sample) => predictions.probabilities[2 * sample + label] as number);
      expect(shown).toEqual(right.sort((a, b) => b - a).slice(0, 12));
    }
  });

  it('gives each of many classes its place', async () => {
    const names = Array.from({ length: 10 }, (_, label) => `class ${label}`);
    const many = madePredictions({ samples: 500, classNames: names, quality: 3 });
    const sheet = rows(await confidentSheet(many, shownSamples(noisySamples(many, 10, 1))));
    expect(new Set(sheet.map(({ actual }) => actual)).size).toBe(10);
    expect(sheet).toHaveLength(20);
  });

  it('cuts what is said of a tile or a class before the next one begins', async () => {
    const names = Array.from({ length: 10 }, (_, label) => `${label} ${'W8'.repeat(60)}`);
    const few = madePredictions({ samples: 40, classNames: names, quality: 1 });
    const one = { ...few, labels: few.labels.map((_, sample) => predictedClass(few, sample)) };
    // One sample of each class: the tiles, and what stands above them, are one beside the other.
    const ids = [...new Set(one.labels)].map((label) => one.labels.indexOf(label));
    const single = {
      ...one,
      ids: ids.map((id) => `${one.ids[id]}${'8'.repeat(60)}`),
      labels: Int32Array.from(ids, (id) => one.labels[id] as number),
      probabilities: Float64Array.from(ids.flatMap((id) => [...one.probabilities.slice(10 * id, 10 * id + 10)])),
    };
    const chart = await confidentSheet(single, shownSamples(noisySamples(single, 10, 1)));
    const { layer } = chart.specification as unknown as { layer: { data: { values: Placed[] } }[] };
    const headers = layer.at(-1)?.data.values ?? [];
    const sheet = JSON.parse(chart.data) as { x: number; y: number; caption: string[] }[];
    const texts = [
      ...headers.map((header) => ({ ...header, size: 14 })),
      ...sheet.flatMap(({ x, y, caption }) => caption.map((text) => ({ x, y, text, size: 10 }))),
    ];
    for (const { x, y, text, size } of texts) {
      const next = Math.min(...texts.filter((other) => other.y === y && other.x > x).map((other) => other.x));
      expect(x + textWidth(text.replace('…', ''), size) + size, text).toBeLessThan(next);
    }
  });
});
