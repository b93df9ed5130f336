import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { renderSvg, writeChart } from '../../../../../trainer/evaluation/charts/chart.ts';
import { learningCurves } from '../../../../../trainer/evaluation/charts/learning-curves.ts';
import { temporaryDirectory } from '../../../../support/index.ts';
import { madeHistory } from '../../../../support/made-predictions.ts';
import { allElements, drawnTexts, parseXml, type XmlElement } from '../../../../support/parse-xml.ts';

const history = [0.7, 0.5, Number.NaN, 0.4, 0.3, Number.POSITIVE_INFINITY, 0.2, 0.1].map((loss, index) => ({
  epoch: index + 1,
  values: { loss, val_loss: 0.8 - index / 20, auc: 0.5 + index / 20, epoch_seconds: 3 },
}));

/** The lines of a drawn picture, in order. */
function lines(document: XmlElement): { path: string; isDashed: boolean }[] {
  return allElements(document)
    .filter(({ attributes }) => attributes.class?.startsWith('mark-line') === true)
    .flatMap((group) => allElements(group).filter(({ name }) => name === 'path'))
    .map(({ attributes }) => ({
      path: attributes.d as string,
      isDashed: attributes['stroke-dasharray'] === '6,4',
    }));
}

describe('learning curves', () => {
  test('keep their numbers as a table, infinities and missing ones told apart', async () => {
    await using directory = await temporaryDirectory();
    const chart = learningCurves([...history, { epoch: 9, values: { loss: 0.05 } }]);
    const files = await writeChart(directory.path, chart);
    expect(files.map((file) => basename(file))).toEqual([
      'learning-curves.csv',
      'learning-curves.vl.json',
      'learning-curves.svg',
    ]);
    const rows = (await readFile(files[0] as string, 'utf8')).trimEnd().split('\n');
    expect(rows[0]).toBe('epoch,loss,val_loss,auc,epoch_seconds');
    expect(rows[1]).toBe('1,0.7,0.8,0.5,3');
    expect(rows[3]).toMatch(/^3,NaN,/);
    expect(rows[6]).toMatch(/^6,Infinity,/);
    expect(rows[9]).toBe('9,0.05,,,');
  });

  test('draw a panel a metric, with gaps where a value is not finite, and say so', async () => {
    const svg = await renderSvg(learningCurves(history));
    const document = parseXml(svg);
    const texts = drawnTexts(document);
    for (const text of ['Learning curves', 'training', 'validation', 'epoch', 'loss', 'AUC']) {
      expect(texts).toContain(text);
    }
    expect(texts).toContain(
      'lowest validation loss 0.4500 in epoch 8 of 8\nnot finite, and so not drawn: loss in 2 epochs',
    );
    expect(texts).not.toContain('epoch seconds');
    expect(svg).not.toMatch(/NaN|Infinity/);
    const pieces = lines(document).map(({ path, isDashed }) => ({ pieces: path.match(/M/g)?.length, isDashed }));
    // The loss breaks at its third and sixth value; its validation and the AUC do not.
    expect(pieces).toEqual([
      { pieces: 3, isDashed: false },
      { pieces: 1, isDashed: true },
      { pieces: 1, isDashed: false },
    ]);
  });

  test('draw a metric without any finite value as an empty panel that says so', async () => {
    const svg = await renderSvg(learningCurves(madeHistory(1, 1)));
    const texts = drawnTexts(parseXml(svg));
    expect(texts).toContain('loss (no finite value)');
    expect(texts).toContain('accuracy');
    expect(texts.find((text) => text.startsWith('no finite validation loss in 1 epoch'))).toBeDefined();
    expect(svg).not.toMatch(/NaN|Infinity/);
  });

  test('draw every epoch of a thousand, and of ten thousand the extremes, in a bounded size', async () => {
    for (const epochs of [1000, 10_000]) {
      const made = madeHistory(epochs);
      const peak = { ...made[4321 % epochs]!.values, loss: 3 };
      made[4321 % epochs] = { epoch: (4321 % epochs) + 1, values: peak };
      const chart = learningCurves(made);
      expect(chart.data.trimEnd().split('\n')).toHaveLength(epochs + 1);
      const svg = await renderSvg(chart);
      expect(svg.length).toBeLessThan(500_000);
      const [loss] = lines(parseXml(svg));
      const points = [...loss!.path.matchAll(/[ML](-?[\d.]+),(-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
      expect(points.length).toBeLessThanOrEqual(1000);
      // The one peak is in the picture, whatever was left out: it is the point nearest to the top.
      const top = points.reduce((highest, point) => (point[1]! < highest[1]! ? point : highest));
      const [left, right] = [points[0]![0]!, points.at(-1)![0]!];
      expect((top[0]! - left) / (right - left)).toBeCloseTo((4321 % epochs) / (epochs - 1), 3);
    }
  });

  test('keep their gaps where epochs are left out', async () => {
    const made = madeHistory(5000).map(({ epoch, values }) => ({
      epoch,
      values: epoch > 2000 && epoch < 2300 ? { ...values, loss: Number.NaN } : values,
    }));
    const [loss, validationLoss] = lines(parseXml(await renderSvg(learningCurves(made))));
    expect(loss!.path.match(/M/g)).toHaveLength(2);
    expect(validationLoss!.path.match(/M/g)).toHaveLength(1);
  });

  test('are a table alone where there is nothing to draw', async () => {
    await using directory = await temporaryDirectory();
    const files = await writeChart(directory.path, learningCurves([]));
    expect(files.map((file) => basename(file))).toEqual(['learning-curves.csv']);
  });
});
