import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { classReport } from '../../../../trainer/evaluation/class-scores.ts';
import {
  classTable,
  predictionTable,
  tableRowsAtMost,
  writePredictions,
  writeTable,
} from '../../../../trainer/evaluation/prediction-files.ts';
import {
  confusionCounts,
  predictedClass,
  predictionsOf,
  sampleLoss,
} from '../../../../trainer/evaluation/predictions.ts';
import { temporaryDirectory } from '../../../support/index.ts';
import { madePredictions, withScores } from '../../../support/made-predictions.ts';

const names = ['negative', 'positive'] as const;

describe('predictions', () => {
  const made = (scores: readonly number[]) =>
    predictionsOf({ ids: ['a', 'b', 'c'], labels: [1, 0, 1], scores: Float32Array.from(scores), classNames: names });

  it('say the second class from the threshold on, and never for a score that is not a number', () => {
    const predictions = made([0.5, 0.49999, Number.NaN]);
    expect([0, 1, 2].map((sample) => predictedClass(predictions, sample))).toEqual([1, 0, 0]);
    expect(confusionCounts(predictions)).toEqual([
      [1, 0],
      [1, 1],
    ]);
  });

  it('say the likeliest of many classes, passing over what is not a number', () => {
    const predictions = {
      ...madePredictions({ samples: 2, classNames: ['a', 'b', 'c'] }),
      probabilities: Float32Array.from([0.2, 0.5, 0.3, Number.NaN, 0.1, 0.4]),
    };
    expect([predictedClass(predictions, 0), predictedClass(predictions, 1)]).toEqual([1, 2]);
  });

  it('have a loss that stays finite for scores of exactly 0 and 1', () => {
    const predictions = made([0, 1, 1]);
    expect(sampleLoss(predictions, 0)).toBeCloseTo(23 * Math.LN2, 6);
    expect(sampleLoss(predictions, 1)).toBeCloseTo(23 * Math.LN2, 6);
    expect(sampleLoss(predictions, 2)).toBeCloseTo(2 ** -23, 9);
  });
});

describe('the files of predictions', () => {
  it('hold every sample in its order, scores with all their digits', async () => {
    await using directory = await temporaryDirectory();
    const ids = ['one, "two"', 'three'];
    const scores = Float32Array.from([0.1, Number.NaN]);
    const file = directory.join('predictions.csv');
    await writePredictions(file, predictionsOf({ ids, labels: [1, 0], scores, classNames: names }));
    const score = Math.fround(0.1);
    expect(await readFile(file, 'utf8')).toBe(
      [
        'id,label,score,actual,predicted,probability',
        `"one, ""two""",1,${score},positive,negative,${1 - score}`,
        'three,0,NaN,negative,negative,NaN',
        '',
      ].join('\n'),
    );
    const many = madePredictions({ samples: 1, classNames: ['a', 'b', 'c'] });
    await writePredictions(file, many);
    const [header, row = ''] = (await readFile(file, 'utf8')).split('\n');
    expect(header).toBe('id,label,score_0,score_1,score_2,actual,predicted,probability');
    const [label, said] = [many.labels[0] as number, predictedClass(many, 0)];
    const { probabilities, classNames } = many;
    const after = [label, ...probabilities, classNames[label], classNames[said], probabilities[said]];
    expect(row.endsWith(`,${after.join(',')}`)).toBe(true);
  });

  it('hold as a table the highest losses first, what has none before them, and null for what JSON lacks', async () => {
    await using directory = await temporaryDirectory();
    const made = madePredictions({ samples: 50, classNames: names });
    const predictions = withScores(made, (sample, label) =>
      sample === 20 ? Number.NaN : label === 1 ? sample / 100 : 0.4,
    );
    const table = predictionTable(predictions);
    expect(table.columns).toEqual(['id', 'actual', 'predicted', 'probability', 'correct', 'loss']);
    expect(table.data).toHaveLength(50);
    expect(table.data[0]).toEqual([
      made.ids[20],
      names[made.labels[20]!],
      'negative',
      null,
      made.labels[20] === 0,
      null,
    ]);
    const losses = table.data.slice(1).map((row) => row[5] as number);
    expect(losses).toEqual([...losses].sort((a, b) => b - a));
    const file = await writeTable(directory.path, 'predictions', table);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(table)));
  });

  it('hold no more rows as a table than MLflow can show', () => {
    const { data } = predictionTable(madePredictions({ samples: tableRowsAtMost + 7, classNames: names }));
    expect(data).toHaveLength(tableRowsAtMost);
  });

  it('hold a row a class, then accuracy and the averages', () => {
    const predictions = madePredictions({ samples: 200, classNames: ['a', 'b', 'c'] });
    const { columns, data } = classTable(classReport(confusionCounts(predictions), ['a', 'b', 'c']), predictions);
    expect(columns).toEqual(['class', 'precision', 'recall', 'f1', 'support', 'auc', 'average_precision']);
    expect(data.map(([name]) => name)).toEqual(['a', 'b', 'c', 'accuracy', 'macro average', 'weighted average']);
    expect(data[3]).toMatchObject([expect.anything(), null, null, expect.any(Number), 200, null, null]);
    for (const row of data.slice(0, 3)) expect(row[5]).toBeGreaterThan(0.5);
  });
});
