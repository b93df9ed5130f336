import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { generatorOf, type Sample } from '../../../../trainer/components/index.ts';
import { StandardPreprocessor } from '../../../../trainer/data/preprocessors/standard.ts';
import { imagesAveraged, meanImageLoss } from '../../../../trainer/evaluation/mean-image.ts';
import { meanErrors, ReconstructionMeter, sampleErrors } from '../../../../trainer/evaluation/reconstruction-meter.ts';
import {
  classErrorTable,
  errorsOf,
  errorTable,
  evaluateReconstructions,
  reconstructionRemarks,
  worstFirst,
  writeErrors,
} from '../../../../trainer/evaluation/reconstructions.ts';
import type { ScoredPart } from '../../../../trainer/evaluation/scored-part.ts';
import { temporaryDirectory } from '../../../support/index.ts';
import { madeReconstructions, reconstructed } from '../../../support/made-reconstructions.ts';

const unit = new StandardPreprocessor({ scaling: 'unit' });
const batches = { preprocessor: unit, batchSize: 2, seed: 1 };

function image(id: string, ...pixels: number[]): Sample {
  return { id, pixels: Uint8Array.from(pixels), height: 1, width: pixels.length, channels: 1, label: 0, weight: 1 };
}

describe('the errors of a reconstruction', () => {
  it('are means over its values; the loss is the one of the training', () => {
    const [wanted, given] = [Float32Array.of(0, 0.5, 1, 1), Float32Array.of(0.5, 0.5, 0.5, 1)];
    expect(sampleErrors(wanted, given, 'mean_squared_error')).toEqual({ loss: 0.125, mse: 0.125, mae: 0.25 });
    const { loss, mse } = sampleErrors(wanted, given, 'binary_crossentropy');
    // Three of the values cost log 2, and one that is right but for the bound nearly nothing.
    expect(loss).toBeCloseTo((3 * Math.log(2)) / 4, 6);
    expect(mse).toBe(0.125);
  });

  it('are measured over all batches, exactly, and kept for each sample', () => {
    const meter = new ReconstructionMeter('mean_squared_error');
    meter.add({ inputs: Float32Array.of(0, 0, 1, 1), size: 2 }, Float32Array.of(0.5, 0.5, 1, 0));
    meter.add({ inputs: Float32Array.of(1, 1), size: 1 }, Float32Array.of(1, 1));
    expect(meter.metrics()).toEqual({ loss: 0.25, mse: 0.25, mae: (0.5 + 0.5) / 3 });
    expect(meter.scores()).toEqual(Float32Array.of(0.25, 0.25, 0.5, 0.5, 0.5, 0.5, 0, 0, 0));
    const resumed = new ReconstructionMeter('mean_squared_error');
    resumed.add({ inputs: Float32Array.of(9, 9), size: 1 }, Float32Array.of(0, 0));
    resumed.restore(meter.state());
    expect(resumed.metrics()).toEqual(meter.metrics());
    expect(resumed.scores()).toEqual(meter.scores());
  });
});

describe('the loss of the mean image', () => {
  const samples = [image('a', 0, 255, 51), image('b', 255, 255, 51), image('c', 0, 255, 51), image('d', 255, 255, 51)];

  it('is the variance of the values, or the entropy of their means', async () => {
    const of = (loss: 'mean_squared_error' | 'binary_crossentropy') =>
      meanImageLoss(generatorOf(samples), batches, { loss, range: { low: 0, high: 1 }, network: 'n' });
    expect(await of('mean_squared_error')).toBeCloseTo(0.25 / 3, 6);
    const entropy = -(0.2 * Math.log(0.2) + 0.8 * Math.log(0.8));
    expect(await of('binary_crossentropy')).toBeCloseTo((Math.log(2) + entropy) / 3, 5);
  });

  it('is asked for of images only that the network can give', async () => {
    const centered = { ...batches, preprocessor: new StandardPreprocessor() };
    const asked = meanImageLoss(generatorOf([image('good', 255, 255), ...samples]), centered, {
      loss: 'mean_squared_error',
      range: { low: 0, high: 1 },
      network: 'autoencoder',
    });
    await expect(asked).rejects.toThrow(
      'The image a has values from -1 to 1 as the network gets them, but autoencoder gives back values from 0 to 1 alone.',
    );
  });
});

describe('numbers, of which each may be any', () => {
  it('are all asked whether the network can give them, and the first of them averaged', async () => {
    const numbers = (id: number, value: number): Sample => ({ ...image(`${id}`, 0), pixels: Float32Array.of(value) });
    const first = Array.from({ length: imagesAveraged }, (_, index) => numbers(index, index % 2));
    const loss = (...more: Sample[]) =>
      meanImageLoss(
        generatorOf([...first, ...more]),
        { ...batches, preprocessor: new StandardPreprocessor({ scaling: 'none' }) },
        { loss: 'mean_squared_error', range: { low: 0, high: 1 }, network: 'autoencoder' },
      );
    expect(await loss(numbers(2000, 1), numbers(2001, 1))).toBe(0.25);
    await expect(loss(numbers(2000, 1), numbers(2001, 3))).rejects.toThrow('The image 2001 has values from 3 to 3');
  });
});

describe('what is told of reconstructions', () => {
  let part: ScoredPart;
  let samples: readonly Sample[];
  beforeAll(() => {
    ({ part, samples } = madeReconstructions({ count: 30, side: 4, classNames: ['a', 'b,"c'] }));
  });

  it('is a row a sample in its order, with the class where there is one', async () => {
    await using folder = await temporaryDirectory();
    const file = folder.join('predictions.csv');
    await writeErrors(file, part);
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    expect(lines[0]).toBe('id,class,loss,mse,mae');
    expect(lines).toHaveLength(31);
    expect(lines[2]).toMatch(/^image-1,"b,""c",0\.\d+,0\.\d+,0\.\d+$/);
    await writeErrors(file, { ...part, classNames: [] });
    expect((await readFile(file, 'utf8')).split('\n')[0]).toBe('id,loss,mse,mae');
  });

  it('is a table with the highest loss first, what is broken before it', () => {
    const scores = part.scores.slice();
    scores.fill(Number.NaN, 3 * 7, 3 * 8);
    const { columns, data } = errorTable({ ...part, scores });
    expect(columns).toEqual(['id', 'class', 'loss', 'mse', 'mae']);
    expect(data[0]).toEqual(['image-7', 'b,"c', null, null, null]);
    const losses = data.slice(1).map((row) => row[2] as number);
    expect(losses).toEqual(losses.toSorted((a, b) => b - a));
    expect(worstFirst(errorsOf({ ...part, scores }, 'loss'))[0]).toBe(7);
  });

  it('is a row a class, the worst first, and nothing without classes', () => {
    const table = classErrorTable(part);
    expect(table?.columns).toEqual(['class', 'samples', 'loss', 'mse', 'mae']);
    expect(table?.data.map(([name, count]) => [name, count])).toEqual([
      ['b,"c', 15],
      ['a', 15],
    ]);
    const both = (table?.data ?? []).reduce((sum, row) => sum + (row[3] as number), 0) / 2;
    expect(both).toBeCloseTo(meanErrors(part.scores).mse, 5);
    expect(classErrorTable({ ...part, classNames: [] })).toBeNull();
  });

  it('has the value of each evaluation function, called with image and reconstruction', async () => {
    const shapes = new Set<number>();
    const functions = {
      first: (yTrue: Float32Array, yPred: Float32Array) => {
        shapes.add(yTrue.length).add(yPred.length);
        return Math.abs((yTrue[0] as number) - (yPred[0] as number));
      },
      one: () => 1,
    };
    const { csv, means } = await evaluateReconstructions(part, functions, reconstructed(samples));
    const [header, ...rows] = csv.trimEnd().split('\n');
    expect(header).toBe('id,class,mse,mae,first,one');
    expect(rows).toHaveLength(30);
    expect([...shapes]).toEqual([16]);
    expect(means.one).toBe(1);
    for (const [index, row] of rows.entries()) {
      const mse = Number(row.split(',').at(-4));
      expect(mse).toBeCloseTo(errorsOf(part, 'mse')[index] as number, 6);
    }
  });

  it('says in words what stands out', () => {
    const { loss } = meanErrors(part.scores);
    expect(reconstructionRemarks(part, 2 * loss)).toEqual([]);
    expect(reconstructionRemarks(part, loss / 2)[0]).toMatch(
      /^The test loss \(0\.\d+\) is no lower than that of always giving the mean of the training images \(0\.\d+\)/,
    );
    const broken = { ...part, scores: part.scores.map(() => Number.NaN) };
    expect(reconstructionRemarks(broken, 1)).toEqual([
      'All of the test errors are not finite numbers: the weights are broken.',
    ]);
    expect(reconstructionRemarks({ ...part, ids: [], scores: new Float32Array() }, 1)[0]).toContain('no test samples');
  });
});
