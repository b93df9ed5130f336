import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { generatorOf } from '../../../../../trainer/components/sample.ts';
import { OrientationAugmentor } from '../../../../../trainer/data/augmentors/orientation.ts';
import { StandardPreprocessor } from '../../../../../trainer/data/preprocessors/standard.ts';
import { type Chart, renderSvg, writeChart } from '../../../../../trainer/evaluation/charts/chart.ts';
import { confusionMatrix } from '../../../../../trainer/evaluation/charts/confusion-matrix.ts';
import { precisionRecallChart, rocChart } from '../../../../../trainer/evaluation/charts/curve-charts.ts';
import { learningCurves } from '../../../../../trainer/evaluation/charts/learning-curves.ts';
import { confidentSheet, trainingSheet, worstSheet } from '../../../../../trainer/evaluation/charts/sample-sheets.ts';
import { scoreHistogram } from '../../../../../trainer/evaluation/charts/score-histogram.ts';
import { confusionCounts, countUnscored, type Predictions } from '../../../../../trainer/evaluation/predictions.ts';
import { temporaryDirectory } from '../../../../support/index.ts';
import { shownSamples } from '../../../../support/list-loader.ts';
import {
  evilNames,
  madeHistory,
  madePredictions,
  noisySamples,
  withScores,
} from '../../../../support/made-predictions.ts';
import { allElements, drawnTexts, parseXml, type XmlElement } from '../../../../support/parse-xml.ts';

const two = ['uninfected', 'parasitized'];
const usual = madePredictions({ samples: 60, classNames: two });

const batches = { preprocessor: new StandardPreprocessor(), augmentor: new OrientationAugmentor(), seed: 1, epoch: 1 };

/** Every picture of a model, in the order in which the trainer draws them. */
async function pictures(predictions: Predictions, side = 12): Promise<Chart[]> {
  const { classNames, threshold } = predictions;
  const samples = noisySamples(predictions, side, 3);
  return [
    confusionMatrix({
      classNames,
      counts: confusionCounts(predictions),
      threshold,
      unscored: countUnscored(predictions),
    }),
    rocChart(predictions),
    precisionRecallChart(predictions),
    scoreHistogram(predictions),
    await worstSheet(predictions, shownSamples(samples)),
    await confidentSheet(predictions, shownSamples(samples)),
    await trainingSheet({ samples: generatorOf(samples), classNames, batches }),
  ];
}

/** The document of a picture, checked: well-formed, bounded, and without a number that is none in anything drawn. */
async function drawn(chart: Chart): Promise<XmlElement> {
  const svg = await renderSvg(chart);
  expect(svg.length, chart.name).toBeLessThan(1_000_000);
  const document = parseXml(svg);
  for (const { name, attributes } of allElements(document)) {
    for (const key of ['d', 'transform', 'x', 'y', 'width', 'height', 'viewBox', 'x1', 'x2', 'y1', 'y2']) {
      expect(attributes[key] ?? '', `${chart.name}: ${key} of ${name}`).not.toMatch(/NaN|Infinity|undefined|null/);
    }
  }
  expect(Number(document.attributes.width), chart.name).toBeLessThan(1700);
  return document;
}

const odd: Readonly<Record<string, Predictions>> = {
  'whose scores are all NaN': withScores(usual, () => Number.NaN),
  'with some scores that are not finite': withScores(usual, (sample, label) =>
    sample % 5 === 0 ? Number.NaN : sample % 7 === 0 ? Number.POSITIVE_INFINITY : 0.3 + 0.4 * label,
  ),
  'that gives every sample one score': withScores(usual, () => 0.5),
  'with scores of exactly 0 and 1, all right': withScores(usual, (_, label) => label),
  'with scores of exactly 0 and 1, all wrong': withScores(usual, (_, label) => 1 - label),
  'that never says the positive class': withScores(usual, (sample) => sample / 1000),
  'tested with one class only': { ...usual, labels: new Int32Array(60) },
  'tested with the other class only': { ...usual, labels: new Int32Array(60).fill(1) },
  'tested with one sample': madePredictions({ samples: 1, classNames: two }),
  'tested with nothing': { ...usual, ids: [], labels: new Int32Array(), probabilities: new Float64Array() },
  'of many classes, most without samples': {
    ...madePredictions({ samples: 40, classNames: evilNames }),
    labels: new Int32Array(40).map((_, sample) => sample % 2),
  },
};

describe.each(Object.entries(odd))('a model %s', (name, predictions) => {
  it('has all its pictures, or a sentence that says why not', async () => {
    for (const chart of await pictures(predictions)) {
      const document = await drawn(chart);
      expect(drawnTexts(document).length, `${name}: ${chart.name}`).toBeGreaterThan(1);
    }
  });
});

describe('a picture', () => {
  it('says what it cannot draw', async () => {
    const texts = async (chart: Chart) =>
      drawnTexts(await drawn(chart))
        .join(' ')
        .replaceAll('\n', ' ');
    const broken = odd['whose scores are all NaN'] as Predictions;
    expect(await texts(rocChart(broken))).toContain('No curve can be drawn. 60 of 60 scores are not finite numbers');
    expect(await texts(scoreHistogram(broken))).toContain('None of 60 scores is a finite number.');
    const oneClass = odd['tested with one class only'] as Predictions;
    expect(await texts(precisionRecallChart(oneClass))).toContain('No sample is of class parasitized.');
    const never = odd['that never says the positive class'] as Predictions;
    expect(await texts(precisionRecallChart(never))).toContain('at threshold 0.5 nothing is said to be of it');
    const wrong = odd['with scores of exactly 0 and 1, all wrong'] as Predictions;
    expect(await texts(await confidentSheet(wrong, shownSamples(noisySamples(wrong, 8, 1))))).toContain(
      'No prediction is right.',
    );
  });

  it('marks the threshold in use with what it does there', async () => {
    const [, roc, precisionRecall] = await pictures(usual);
    expect(drawnTexts(await drawn(roc as Chart)).join('\n')).toMatch(
      /threshold 0\.5\ntrue positive rate 0\.\d{3}\nfalse positive rate 0\.\d{3}/,
    );
    expect(drawnTexts(await drawn(precisionRecall as Chart)).join('\n')).toMatch(
      /threshold 0\.5\nprecision 0\.\d{3}\nrecall 0\.\d{3}/,
    );
    expect((roc as Chart).data).toMatch(/^parasitized,threshold in use,0\.5,0\.\d+,0\.\d+$/m);
  });

  it('shows class names of any letters, cut, told apart and escaped, and keeps them whole in its data', async () => {
    for (const names of [evilNames, evilNames.slice(1, 3)]) {
      const predictions = madePredictions({ samples: 200, classNames: names });
      for (const chart of await pictures(predictions)) {
        const document = await drawn(chart);
        const elements = new Set(allElements(document).map(({ name }) => name));
        expect(
          [...elements].filter(
            (name) =>
              ![
                'svg',
                'g',
                'path',
                'text',
                'tspan',
                'rect',
                'image',
                'line',
                'defs',
                'linearGradient',
                'stop',
              ].includes(name),
          ),
        ).toEqual([]);
        if (chart.name === 'confusion-matrix') {
          for (const name of names) {
            expect(chart.data).toContain(/[",\n]/.test(name) ? name.replaceAll('"', '""') : name);
          }
        }
      }
    }
    const matrix = drawnTexts(
      await drawn((await pictures(madePredictions({ samples: 200, classNames: evilNames })))[0] as Chart),
    );
    expect(matrix.filter((text) => text.startsWith('<script>')).length).toBeGreaterThan(0);
    expect(matrix).toContain('\u2068שלום עולם\u2069');
    expect(matrix.filter((text) => /^\d: x+…y+$/.test(text))).toHaveLength(2);
  });

  it('calls classes that look the same cut by their labels, the same in every picture', async () => {
    const made = madePredictions({ samples: 400, classNames: evilNames, quality: 1 });
    for (const chart of await pictures(made)) {
      const texts = drawnTexts(await drawn(chart)).flatMap((text) => text.replace(/:\n/g, ': ').split('\n'));
      const cut = texts.filter((text) => /x…(x|y)/.test(text));
      expect(cut.length, chart.name).toBeGreaterThan(1);
      for (const text of cut) expect(text, chart.name).toMatch(/^((is|said) )?[23]: x+…y+( \(0\.\d{3}\)|\))?$/);
    }
  });

  it('labels the largest count of a bar where no power of ten is near it', async () => {
    for (const [samples, top] of [
      [7, '7'],
      [57, '57'],
    ] as const) {
      const predictions = madePredictions({ samples, classNames: two });
      const labels = new Int32Array(samples).fill(1);
      const texts = drawnTexts(await drawn(scoreHistogram(withScores({ ...predictions, labels }, () => 0.9))));
      expect(texts).toContain(top);
    }
  });

  it('draws at most ten classes as curves, those with the lowest areas, and says so', async () => {
    const classNames = Array.from({ length: 30 }, (_, label) => `class ${label}`);
    const predictions = madePredictions({ samples: 3000, classNames });
    for (const [chart, area] of [
      [rocChart(predictions), 'area'],
      [precisionRecallChart(predictions), 'average precision'],
    ] as const) {
      const texts = drawnTexts(await drawn(chart));
      expect(texts[0] === undefined).toBe(false);
      expect(texts.join('\n')).toContain(`the 10 of 30 classes with the lowest ${area}`);
      const legend = texts.filter((text) => /^class \d+ \(0\.\d{3}\)$/.test(text));
      expect(legend).toHaveLength(10);
      const areas = legend.map((text) => Number(/\((.*)\)/.exec(text)?.[1]));
      expect(areas).toEqual([...areas].sort((a, b) => a - b));
    }
    expect(drawnTexts(await drawn(scoreHistogram(predictions))).join('\n')).toContain('the 10 of 30 classes');
  });

  it('is drawn the same by its specification from the data file beside it', async () => {
    const vega = await import('vega');
    const { compile } = await import('vega-lite');
    await using directory = await temporaryDirectory();
    const several = madePredictions({ samples: 150, classNames: evilNames });
    for (const chart of [...(await pictures(usual)), ...(await pictures(several)), learningCurves(madeHistory(6, 5))]) {
      const files = await writeChart(directory.path, chart);
      const [, specification = '', svg = ''] = await Promise.all(files.map((file) => readFile(file, 'utf8')));
      const loader = vega.loader({ baseURL: directory.path, mode: 'file' });
      vega.resetSVGDefIds();
      const view = new vega.View(vega.parse(compile(JSON.parse(specification)).spec), { renderer: 'none', loader });
      const again = await view.toSVG();
      view.finalize();
      // Coordinates are shortened in the file.
      const shapes = (text: string) =>
        allElements(parseXml(text)).map(
          ({ name, attributes }) => `${name} ${attributes.fill} ${(attributes.d ?? '').match(/[A-Za-z]/g)?.join('')}`,
        );
      expect(shapes(svg), chart.name).toEqual(shapes(again));
      expect(drawnTexts(parseXml(svg))).toEqual(drawnTexts(parseXml(again)));
    }
  });
});
