import { describe, expect, it } from 'vitest';
import { historyLines } from '../../../src/report/history-lines.ts';
import { createLook } from '../../../src/report/look.ts';
import { sparkline } from '../../../src/report/sparkline.ts';
import { textWidth } from '../../../src/report/text-width.ts';

describe('a sparkline', () => {
  it('goes from the smallest value to the largest', () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8)).toBe('▁▂▃▄▅▆▇█');
    expect(sparkline([0.9, 0.1], 8)).toBe('█▁');
    expect(sparkline([-1e308, 1e308], 8)).toBe('▁█');
  });

  it('is of middle height where all values are equal, and of one block for one value', () => {
    expect(sparkline([0.5, 0.5, 0.5], 8)).toBe('▅▅▅');
    expect(sparkline([3], 8)).toBe('▅');
  });

  it('never hides a value that is no number', () => {
    expect(sparkline([0, Number.NaN, 1, Number.POSITIVE_INFINITY], 8)).toBe('▁×█×');
    expect(sparkline([Number.NaN, Number.NEGATIVE_INFINITY], 8)).toBe('××');
    // Eight values in four blocks: the one NaN marks its block.
    expect(sparkline([0, 0, 1, Number.NaN, 1, 1, 2, 2], 4)).toBe('▁×▅█');
  });

  it('shows the mean of neighbours where there are more values than columns', () => {
    expect(
      sparkline(
        Array.from({ length: 1000 }, (_, index) => index),
        8,
      ),
    ).toBe('▁▂▃▄▅▆▇█');
  });

  it.each([
    [[], 8],
    [[1, 2], 0],
    [[1, 2], -3],
  ] as const)('is empty for %j in %i columns', (values, columns) => {
    expect(sparkline(values, columns)).toBe('');
  });
});

describe('the history of a metric', () => {
  const environment = { LANG: 'C.UTF-8', NO_COLOR: '1' };
  const terminal = createLook({ stream: { write: () => {}, isTTY: true, columns: 60 }, environment });
  const values = [0.55, 0.7, 0.97, 0.9, 0.93];

  it('tells the first, the best with its epoch, and the last', () => {
    expect(historyLines({ key: 'val_auc', values, steps: [1, 2, 4, 8, 16] }, 70, terminal, 'epoch')).toEqual([
      'val_auc ▁▃█▇█  0.5500 → best 0.9700 (epoch 4) → 0.9300',
    ]);
    expect(historyLines({ key: 'val_loss', values }, 70, terminal, 'step')).toEqual([
      'val_loss ▁▃█▇█  best 0.5500 (step 1) → 0.9300',
    ]);
    expect(historyLines({ key: 'auc', values: [0.1, 0.2] }, 70, terminal, 'step')).toEqual([
      'auc ▁█  0.1000 → best 0.2000 (step 2)',
    ]);
  });

  it('puts the blocks on a line of their own where they would be too few beside the numbers', () => {
    const long = Array.from({ length: 300 }, (_, index) => Math.sqrt(index));
    const lines = historyLines({ key: 'val_accuracy', values: long }, 50, terminal, 'epoch');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^val_accuracy [▁-█]{37}$/);
    for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(50);
  });

  it('is numbers alone in a file, and where the locale has no blocks', () => {
    const file = createLook({ stream: { write: () => {} }, environment });
    const ascii = createLook({
      stream: { write: () => {}, isTTY: true, columns: 60 },
      environment: { LANG: 'C', NO_COLOR: '1' },
    });
    for (const look of [file, ascii]) {
      expect(historyLines({ key: 'auc', values }, 70, look, 'epoch')).toEqual([
        'auc 0.5500 → best 0.9700 (epoch 3) → 0.9300',
      ]);
    }
  });

  it('says no best where nothing is a number', () => {
    expect(historyLines({ key: 'loss', values: [Number.NaN, Number.NaN] }, 70, terminal, 'step')).toEqual([
      'loss ××  NaN → NaN',
    ]);
  });
});
