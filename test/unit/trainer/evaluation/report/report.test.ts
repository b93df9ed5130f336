import { readFile, stat } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { generatorOf } from '../../../../../trainer/components/sample.ts';
import { OrientationAugmentor } from '../../../../../trainer/data/augmentors/orientation.ts';
import { StandardPreprocessor } from '../../../../../trainer/data/preprocessors/standard.ts';
import { writeChart } from '../../../../../trainer/evaluation/charts/chart.ts';
import { confusionMatrix } from '../../../../../trainer/evaluation/charts/confusion-matrix.ts';
import { precisionRecallChart, rocChart } from '../../../../../trainer/evaluation/charts/curve-charts.ts';
import { learningCurves } from '../../../../../trainer/evaluation/charts/learning-curves.ts';
import { confidentSheet, trainingSheet, worstSheet } from '../../../../../trainer/evaluation/charts/sample-sheets.ts';
import { scoreHistogram } from '../../../../../trainer/evaluation/charts/score-histogram.ts';
import { classReport } from '../../../../../trainer/evaluation/class-scores.ts';
import { classTable } from '../../../../../trainer/evaluation/prediction-files.ts';
import { confusionCounts, type Predictions } from '../../../../../trainer/evaluation/predictions.ts';
import { type ReportContent, reportHtml, writeReport } from '../../../../../trainer/evaluation/report/report.ts';
import { thresholdEffect } from '../../../../../trainer/evaluation/threshold-choice.ts';
import { temporaryDirectory } from '../../../../support/index.ts';
import { shownSamples } from '../../../../support/list-loader.ts';
import { evilNames, madeHistory, madePredictions, noisySamples } from '../../../../support/made-predictions.ts';

const batches = { preprocessor: new StandardPreprocessor(), augmentor: new OrientationAugmentor(), seed: 1, epoch: 1 };

/** Draws all pictures into `<directory>/plots`. Returns their SVG files. */
async function drawAll(directory: string, predictions: Predictions, side: number): Promise<string[]> {
  const { classNames, threshold } = predictions;
  const samples = noisySamples(predictions, side, 3);
  const charts = [
    learningCurves(madeHistory(1000)),
    confusionMatrix({ classNames, counts: confusionCounts(predictions), threshold }),
    rocChart(predictions),
    precisionRecallChart(predictions),
    scoreHistogram(predictions),
    await worstSheet(predictions, shownSamples(samples)),
    await confidentSheet(predictions, shownSamples(samples)),
    await trainingSheet({ samples: generatorOf(samples.slice(0, 500)), classNames, batches }),
  ];
  const files = [];
  for (const chart of charts) files.push(...(await writeChart(`${directory}/plots`, chart)));
  return files.filter((file) => file.endsWith('.svg'));
}

function content(predictions: Predictions, changes: Partial<ReportContent> = {}): ReportContent {
  const perClass = classTable(classReport(confusionCounts(predictions), predictions.classNames), predictions);
  return {
    title: 'a run',
    facts: [['run', '20261121-034512-k3f9']],
    isSynthetic: false,
    divergence: null,
    remarks: [],
    testSamples: predictions.labels.length,
    metrics: { loss: 0.1, val_loss: 0.2, learning_rate: 0.001, test_loss: 0.3, test_accuracy: 0.9, test_auc: 0.95 },
    parameters: { epochs: 5, data: 'synthetic' },
    thresholds: [],
    perClass,
    rowsLeftOut: 0,
    modelSummary: 'Model: made\n  layer  1',
    environment: { cpu: { model: 'made', cores: 2 }, gpu: null },
    files: ['predictions.csv', 'plots/roc-curve.csv', 'plots/roc-curve.svg'],
    ...changes,
  };
}

const few = madePredictions({ samples: 60, classNames: ['uninfected', 'parasitized'] });

describe('the report of a hundred thousand test samples', () => {
  it('stays below 4 MB, and each picture below 1 MB, with images that nothing makes smaller', async () => {
    await using directory = await temporaryDirectory();
    const predictions = madePredictions({
      samples: 100_000,
      classNames: ['uninfected', 'parasitized'],
      firstShare: 0.997,
    });
    for (const file of await drawAll(directory.path, predictions, 96)) {
      expect((await stat(file)).size, file).toBeLessThan(1_000_000);
    }
    const report = await writeReport(directory.path, content(predictions, { rowsLeftOut: 90_000 }));
    const page = await readFile(report, 'utf8');
    expect(Buffer.byteLength(page)).toBeLessThan(4_000_000);
    expect(page).toContain('90,000 more are in predictions.csv alone');
    expect(page).toContain('Test on 100,000 samples: accuracy 0.9000, AUC 0.9500, loss 0.3000');
    expect(page.match(/<figure /g)).toHaveLength(8);
  });
});

describe('the report', () => {
  it('needs nothing but itself: no script, no address but of files beside it, and no id twice', async () => {
    await using directory = await temporaryDirectory();
    await drawAll(directory.path, few, 12);
    const page = await readFile(await writeReport(directory.path, content(few)), 'utf8');
    expect(page).not.toMatch(/<script|<link|<iframe|@import|\bon\w+="/i);
    const addresses = [...page.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, address = '']) => address);
    expect(addresses.filter((address) => !address.startsWith('data:image/png;base64,'))).toEqual([
      ...['plots/roc-curve.csv', 'plots/roc-curve.svg'],
      ...['predictions.csv', 'plots/roc-curve.csv', 'plots/roc-curve.svg'],
    ]);
    expect([...page.matchAll(/url\(([^)]*)\)/g)].every(([, target = '']) => target.startsWith('#'))).toBe(true);
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(ids.length).toBeGreaterThan(8);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, target] of page.matchAll(/url\(#([^)]*)\)/g)) expect(ids).toContain(target);
  });

  it('escapes what people name: runs, classes, parameters, files', async () => {
    await using directory = await temporaryDirectory();
    const evil = madePredictions({ samples: 200, classNames: evilNames });
    await drawAll(directory.path, evil, 12);
    const name = '<img src=x onerror=alert(1)>"&\u0000';
    const page = await readFile(
      await writeReport(
        directory.path,
        content(evil, {
          title: name,
          facts: [[name, name]],
          remarks: [name],
          parameters: { [name]: name },
          environment: { [name]: [name] },
          files: [`plots/${name}.csv`],
          modelSummary: name,
        }),
      ),
      'utf8',
    );
    expect(page).not.toMatch(/<img|<script|\u0000/);
    // Title, heading, fact and its name, remark, parameter and its name, environment and its name, summary, file.
    expect(page.split('&lt;img src=x onerror=alert(1)&gt;').length - 1).toBe(11);
    expect(page).toContain('href="plots/%3Cimg%20src%3Dx');
    for (const className of evilNames.filter((text) => !text.includes('\u0000'))) {
      const shown = className.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
      expect(page).toContain(`<bdi>${shown.replaceAll('"', '&quot;').replaceAll("'", '&#39;')}</bdi>`);
    }
  });

  it('tells of a divergence and of what stands out before all numbers', () => {
    const page = reportHtml(
      content(few, { divergence: 'The training diverged in epoch 3: loss is NaN.', remarks: ['It learned nothing.'] }),
      new Map(),
    );
    const places = [
      'diverged in epoch 3',
      'Test on 60 samples',
      'It learned nothing.',
      'Metrics of the best epoch',
    ].map((text) => page.indexOf(text));
    expect(places.every((place) => place > 0)).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  it('shows NaN as such, measures side by side, and thresholds with what they do', () => {
    const page = reportHtml(
      content(few, {
        metrics: { loss: 0.5, val_loss: Number.NaN, test_loss: 0.25, epoch_seconds: 2 },
        thresholds: [
          { chosen: 'in use', effect: thresholdEffect(few, 0.5) },
          { chosen: 'highest F1 on the validation samples', effect: thresholdEffect(few, 0.25) },
        ],
      }),
      new Map(),
    );
    const cells = (values: readonly string[]) => values.map((value) => `<td class="number">${value}</td>`).join('');
    expect(page).toContain(`<tr><td><bdi>loss</bdi></td>${cells(['0.5000', 'NaN', '0.2500'])}</tr>`);
    expect(page).not.toContain('epoch seconds');
    const { precision, recall, f1 } = thresholdEffect(few, 0.25);
    expect(page).toContain(cells([0.25, precision, recall, f1].map((value) => value.toFixed(4))));
  });

  it('opens files beside itself: in a frame, where there are none, it stays', async () => {
    const page = reportHtml(content(few), new Map());
    expect(page).toContain('href="predictions.csv"');
    for (const [tag] of page.matchAll(/<a [^>]*>/g)) expect(tag).toContain('target="_blank" rel="noopener"');
  });

  it('says on a narrow screen what is wider than it', () => {
    const picture = (width: number) => `<svg class="marks" width="${width}"><g/></svg>`;
    const page = reportHtml(
      content(few),
      new Map([
        ['roc-curve', picture(400)],
        ['learning-curves', picture(1000)],
      ]),
    );
    expect(page.match(/<div class="picture wide">/g)).toHaveLength(1);
    expect(page).toContain('<div class="scroll wide"><table>');
    expect(page).toMatch(/@media \(max-width: 640px\) \{\s*\.wide::before \{[^}]*content: "wider than this screen/);
  });

  it('shows sizes for people, shares with their digits, and no name of the run among the parameters', () => {
    const page = reportHtml(
      content(few, {
        environment: { machine: { memory_bytes: 25_276_502_016 } },
        parameters: { run_name: '', epochs: 3 },
        thresholds: [{ chosen: 'in use', effect: { ...thresholdEffect(few, 0.5), recall: 1, precision: 1 } }],
      }),
      new Map(),
    );
    expect(page).toContain('<dt>machine: memory</dt><dd><bdi>23.5 GiB</bdi></dd>');
    expect(page).not.toContain('run_name');
    expect(page).not.toContain('<td class="number">1</td>');
  });

  it('passes over pictures that are not there', () => {
    const page = reportHtml(content(few), new Map([['roc-curve', '<svg width="10" id="a"><g/></svg>']]));
    expect(page.match(/<figure /g)).toHaveLength(1);
    expect(page).toContain('<svg style="min-width: 7px" width="10" id="roc-curve-a">');
    expect(page).not.toContain('>Samples<');
  });
});
