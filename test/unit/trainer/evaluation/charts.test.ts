import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeConfusionMatrix, writeLearningCurves } from '../../../../trainer/evaluation/artifacts.ts';
import { toCsv } from '../../../../trainer/evaluation/chart.ts';
import { textWidth } from '../../../../trainer/evaluation/text-width.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

const history = [0.7, 0.5, Number.NaN, 0.4, 0.3, Number.POSITIVE_INFINITY, 0.2, 0.1].map((loss, index) => ({
  epoch: index + 1,
  values: { loss, val_loss: 0.8 - index / 20, auc: 0.5 + index / 20, epoch_seconds: 3 },
}));

describe('learning curves', () => {
  test('keep their numbers as a table, infinities and missing ones told apart', async () => {
    await using directory = await temporaryDirectory();
    const files = await writeLearningCurves({
      directory: directory.path,
      history: [...history, { epoch: 9, values: { loss: 0.05 } }],
    });
    expect(files.map((file) => basename(file))).toEqual([
      'learning-curves.csv',
      'learning-curves.vl.json',
      'learning-curves.svg',
    ]);
    const lines = (await readFile(files[0] as string, 'utf8')).trimEnd().split('\n');
    expect(lines[0]).toBe('epoch,loss,val_loss,auc,epoch_seconds');
    expect(lines[1]).toBe('1,0.7,0.8,0.5,3');
    expect(lines[3]).toMatch(/^3,NaN,/);
    expect(lines[6]).toMatch(/^6,Infinity,/);
    expect(lines[9]).toBe('9,0.05,,,');
  });

  test('draw a panel a metric, with gaps where a value is not finite', async () => {
    await using directory = await temporaryDirectory();
    const files = await writeLearningCurves({ directory: directory.path, history });
    const svg = await readFile(files[2] as string, 'utf8');
    const texts = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((match) => match[1]);
    for (const text of ['Learning curves', 'training', 'validation', 'epoch', 'loss', 'AUC']) {
      expect(texts).toContain(text);
    }
    expect(texts).not.toContain('epoch seconds');
    expect(svg).not.toMatch(/NaN|Infinity/);
    const lines = [...svg.matchAll(/aria-roledescription="line mark"[^>]* d="([^"]*)"[^>]*>/g)];
    const strokes = lines.map((match) => ({
      pieces: (match[1] as string).match(/M/g)?.length,
      isDashed: match[0].includes('stroke-dasharray="6,4"'),
    }));
    // The loss breaks at its third and sixth value; its validation and the AUC do not.
    expect(strokes).toEqual([
      { pieces: 3, isDashed: false },
      { pieces: 1, isDashed: true },
      { pieces: 1, isDashed: false },
    ]);
  });

  test('leave a specification that reads the table beside it', async () => {
    await using directory = await temporaryDirectory();
    const files = await writeLearningCurves({ directory: directory.path, history });
    const specification = JSON.parse(await readFile(files[1] as string, 'utf8'));
    expect(specification.data).toEqual({ url: 'learning-curves.csv', format: { type: 'csv' } });
  });

  test('are a table alone where there is nothing to draw', async () => {
    await using directory = await temporaryDirectory();
    const files = await writeLearningCurves({ directory: directory.path, history: [] });
    expect(files.map((file) => basename(file))).toEqual(['learning-curves.csv']);
  });
});

describe('a confusion matrix', () => {
  const counts = [
    [1990, 10],
    [50, 150],
  ];

  test('names classes of two words below the cells without a name running into the next', async () => {
    await using directory = await temporaryDirectory();
    const classNames = ['synthetic uninfected', 'synthetic parasitized'];
    const files = await writeConfusionMatrix({ directory: directory.path, classNames, counts, threshold: 0.5 });
    const svg = await readFile(files.find((file) => file.endsWith('.svg')) as string, 'utf8');
    const lines = [...svg.matchAll(/<tspan[^>]*>([^<]*)<\/tspan>/g)].map((match) => match[1]);
    expect(lines).toEqual(['synthetic', 'uninfected', 'synthetic', 'parasitized']);
  });

  test('gives counts and the shares of the actual class', async () => {
    await using directory = await temporaryDirectory();
    const classNames = ['Uninfected', 'Parasitized'];
    const files = await writeConfusionMatrix({ directory: directory.path, classNames, counts, threshold: 0.5 });
    expect(await readFile(files[0] as string, 'utf8')).toBe(
      'actual,predicted,count,rate\nUninfected,Uninfected,1990,0.995\nUninfected,Parasitized,10,0.005\n' +
        'Parasitized,Uninfected,50,0.25\nParasitized,Parasitized,150,0.75\n',
    );
    const svg = await readFile(files[2] as string, 'utf8');
    for (const text of [
      '1,990',
      '99.5%',
      '25.0%',
      '2,200 examples, threshold 0.5',
      'actual class',
      'predicted class',
    ]) {
      expect(svg).toContain(`>${text}<`);
    }
    expect(svg.indexOf('>1,990<')).toBeLessThan(svg.indexOf('>150<'));
  });

  test('says where a class has no examples', async () => {
    await using directory = await temporaryDirectory();
    const empty = [
      [0, 0],
      [1, 1],
    ];
    const files = await writeConfusionMatrix({
      directory: directory.path,
      classNames: ['a, b', 'c'],
      counts: empty,
      threshold: null,
    });
    expect(await readFile(files[0] as string, 'utf8')).toContain('"a, b",c,0,\n');
    const svg = await readFile(files[2] as string, 'utf8');
    expect(svg.match(/>no examples</g)).toHaveLength(2);
    expect(svg).not.toContain('threshold');
  });
});

test('a table quotes what would break it', () => {
  expect(toCsv([['a', 'b "c"'], ['d,e', 1]])).toBe('a,"b ""c"""\n"d,e",1\n'); // biome-ignore format: a table
});

test('the width of a text grows with its letters and size', () => {
  expect(textWidth('WWW', 10)).toBeGreaterThan(textWidth('iii', 10) * 3);
  expect(textWidth('training', 20)).toBeCloseTo(2 * textWidth('training', 10));
});
