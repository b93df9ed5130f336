import { describe, expect, it } from 'vitest';
import { MetricTable } from '../../../src/report/metric-table.ts';
import { createPaint } from '../../../src/report/paint.ts';
import { textWidth } from '../../../src/report/text-width.ts';

const names = { word: 'epoch', total: 50 };
const keys = ['loss', 'accuracy', 'auc', 'precision', 'recall'].flatMap((key) => [key, `val_${key}`]);

function row(step: number, values: Readonly<Record<string, number>> = allOf(step), durationMs?: number) {
  return { step, isTest: false, isLate: false, values: new Map(Object.entries(values)), durationMs };
}

function allOf(step: number): Record<string, number> {
  return Object.fromEntries(keys.map((key, index) => [key, 1 / (step + index + 1)]));
}

const table = () => new MetricTable(createPaint(false));

describe('the metrics of a terminal', () => {
  it('stand below titles that come again after twenty rows, and not in between', () => {
    const shown = table();
    const lines = Array.from({ length: 50 }, (_, index) => shown.rows(row(index + 1), names, 59)).flat();
    expect(lines).toHaveLength(53);
    expect(lines.flatMap((line, index) => (line.includes('loss') ? [index] : []))).toEqual([0, 21, 42]);
    expect(lines[0]).toBe('epoch     loss  accuracy  val_loss  val_accuracy  val_auc');
    expect(lines[1]).toBe(' 1/50   0.5000    0.2500    0.3333        0.2000   0.1429');
    expect(lines[12]).toBe('12/50   0.0769    0.0667    0.0714        0.0625   0.0556');
  });

  it.each([20, 40, 60, 80, 120, 200])('are never wider than %i columns', (columns) => {
    for (const line of table().rows(row(50, allOf(50), 61_000), names, columns)) {
      expect(textWidth(line)).toBeLessThanOrEqual(columns);
    }
  });

  it('show the time an epoch took where there is room for it', () => {
    expect(table().rows(row(3, { loss: 0.5 }, 1500), names, 59)).toEqual([
      'epoch     loss    time',
      ' 3/50   0.5000   1.5 s',
    ]);
    expect(table().rows(row(3, { loss: 0.5 }, 1500), names, 20)).toEqual(['epoch     loss', ' 3/50   0.5000']);
  });

  it('get new titles when the terminal is resized, a metric is new, or much else was written', () => {
    const shown = table();
    expect(shown.rows(row(1, { loss: 1 }), names, 80)).toHaveLength(2);
    expect(shown.rows(row(2, { loss: 1 }), names, 80)).toHaveLength(1);
    expect(shown.rows(row(3, { loss: 1 }), names, 60)).toHaveLength(2);
    expect(shown.rows(row(4, { loss: 1, val_loss: 2 }), names, 60)[0]).toBe('epoch     loss  val_loss');
    // A metric that is missing once keeps its column.
    expect(shown.rows(row(5, { val_loss: 0.5 }), names, 60)).toEqual([' 5/50             0.5000']);
    shown.addLines(39);
    expect(shown.rows(row(6, { loss: 1 }), names, 60)).toHaveLength(2);
  });

  it('leave a metric out whose name is too long for the line, and show those that fit', () => {
    expect(table().rows(row(1, { a_name_without_end_of_any_kind: 1, mae: 2 }), names, 30)).toEqual([
      'epoch      mae',
      ' 1/50   2.0000',
    ]);
  });

  it('count steps where there are no epochs', () => {
    expect(table().rows(row(1200, { reward: 7 }), { word: 'step', total: undefined }, 60)).toEqual([
      'step   reward',
      '1200        7',
    ]);
  });
});
