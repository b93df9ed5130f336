import { describe, expect, test } from 'vitest';
import { renderSvg } from '../../../../../trainer/evaluation/charts/chart.ts';
import { confusionMatrix } from '../../../../../trainer/evaluation/charts/confusion-matrix.ts';
import { allElements, drawnTexts, parseXml } from '../../../../support/parse-xml.ts';

const counts = [
  [1990, 10],
  [50, 150],
];

describe('a confusion matrix', () => {
  test('names classes of two words below the cells without a name running into the next', async () => {
    const classNames = ['synthetic uninfected', 'synthetic parasitized'];
    const svg = await renderSvg(confusionMatrix({ classNames, counts, threshold: 0.5 }));
    const texts = drawnTexts(parseXml(svg));
    expect(texts).toContain('synthetic\nuninfected');
    expect(texts).toContain('synthetic\nparasitized');
  });

  test('gives counts and the shares of the actual class', async () => {
    const classNames = ['Uninfected', 'Parasitized'];
    const chart = confusionMatrix({ classNames, counts, threshold: 0.5 });
    expect(chart.data).toBe(
      'actual,predicted,count,rate\nUninfected,Uninfected,1990,0.995\nUninfected,Parasitized,10,0.005\n' +
        'Parasitized,Uninfected,50,0.25\nParasitized,Parasitized,150,0.75\n',
    );
    const texts = drawnTexts(parseXml(await renderSvg(chart)));
    for (const text of [
      '1,990',
      '99.5%',
      '25.0%',
      '2,200 examples, threshold 0.5',
      'actual class',
      'predicted class',
    ]) {
      expect(texts).toContain(text);
    }
    expect(texts.indexOf('1,990')).toBeLessThan(texts.indexOf('150'));
  });

  test('says where a class has no examples, and where scores are not numbers', async () => {
    const empty = [
      [0, 0],
      [1, 0],
    ];
    const chart = confusionMatrix({ classNames: ['a, b', 'c'], counts: empty, threshold: null, unscored: 1 });
    expect(chart.data).toContain('"a, b",c,0,\n');
    const texts = drawnTexts(parseXml(await renderSvg(chart)));
    expect(texts.filter((text) => text === 'no examples')).toHaveLength(2);
    expect(texts).toContain('1 example\n1 with a score that is not a number count as the first class');
  });

  test('shows fifty classes with a cell for each pair, and of more those with the most errors', async () => {
    const matrix = (classes: number) => ({
      classNames: Array.from({ length: classes }, (_, label) => `class ${label}`),
      // Class 7 is taken for class 3 more often than any other for another.
      counts: Array.from({ length: classes }, (_, row) =>
        Array.from({ length: classes }, (_, column) => {
          if (row === column) return 1500;
          return row === 7 && column === 3 ? 99 : row < 50 && row + column === 60 ? 1 : 0;
        }),
      ),
      threshold: null,
    });
    const svg = await renderSvg(confusionMatrix(matrix(50)));
    expect(svg.length).toBeLessThan(700_000);
    const document = parseXml(svg);
    const cells = allElements(document).find(({ attributes }) => attributes.class?.startsWith('mark-rect'));
    expect(cells?.children).toHaveLength(2500);
    expect(drawnTexts(document).filter((text) => text === '1.5k')).toHaveLength(50);

    const large = confusionMatrix(matrix(200));
    expect(large.data.trimEnd().split('\n').length).toBeLessThan(400);
    const texts = drawnTexts(parseXml(await renderSvg(large)));
    expect(texts.some((text) => text.endsWith('the 50 of 200 classes with the most errors'))).toBe(true);
    expect(texts).toContain('99');
    expect(texts).not.toContain('class 150');
  });
});
