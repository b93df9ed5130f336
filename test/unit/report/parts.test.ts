import { describe, expect, it } from 'vitest';
import { metricLine } from '../../../src/report/metric-line.ts';
import { createPaint } from '../../../src/report/paint.ts';
import { ProgressEstimate } from '../../../src/report/progress-estimate.ts';
import { textWidth, truncate, wrap } from '../../../src/report/text-width.ts';
import { maskSecrets } from '../../../src/util/index.ts';
import { probe } from './fake-stream.ts';

describe('metricLine', () => {
  const values = new Map(
    ['precision', 'val_auc', 'loss', 'custom', 'val_loss', 'accuracy'].map((key, index) => [key, 0.1 + index]),
  );
  const row = { step: 3, isTest: false, isLate: false, values, durationMs: 1500 };
  const names = { word: 'epoch', total: 10 };
  const paint = createPaint(false);

  it('keeps the most telling metrics of a narrow line, in reading order, and fills a wide one', () => {
    expect(metricLine(row, names, 60, paint)).toBe('epoch  3/10  loss 2.1000  val_loss 4.1000  val_auc 1.1000');
    expect(metricLine(row, names, 200, paint)).toBe(
      'epoch  3/10  loss 2.1000  accuracy 5.1000  precision 0.1000  custom 3.1000  val_loss 4.1000  val_auc 1.1000  1.5 s',
    );
  });

  it.each([20, 40, 60, 80, 120])('is never wider than %i columns', (columns) => {
    expect(textWidth(metricLine(row, names, columns, createPaint(true)))).toBeLessThanOrEqual(columns);
  });
});

describe('ProgressEstimate', () => {
  const event = (timeMs: number, done: number, stage = 'a') =>
    ({ type: 'progress', timeMs, stage, done, total: 100, unit: '' }) as const;

  it('judges by the pace since the stage began, and anew for the next one', () => {
    const estimate = new ProgressEstimate();
    estimate.update(event(0, 0));
    expect(estimate.remainingMs).toBeUndefined();
    estimate.update(event(1000, 20));
    expect(estimate).toMatchObject({ fraction: 0.2, remainingMs: 4000 });
    estimate.update(event(9000, 30, 'b'));
    expect(estimate.remainingMs).toBeUndefined();
    estimate.update(event(9500, 80, 'b'));
    expect(estimate.remainingMs).toBe(200);
    estimate.update(event(9600, 10, 'b'));
    expect(estimate.remainingMs).toBeUndefined();
  });

  it('knows no fraction without a total', () => {
    const estimate = new ProgressEstimate();
    estimate.update({ ...event(0, 5), total: 0 });
    expect(estimate).toMatchObject({ fraction: undefined, remainingMs: undefined });
  });
});

describe('textWidth, truncate and wrap', () => {
  it('count columns, not characters', () => {
    expect(textWidth('\u001b[31mabc\u001b[39m')).toBe(3);
    expect(textWidth('日本é e\u0301 🚀')).toBe(10);
    expect(truncate('日本語', 4)).toBe('日…');
    expect(truncate('abcd', 4)).toBe('abcd');
    expect(truncate('abcd', 0)).toBe('');
  });

  it('break between words and leave a long word whole', () => {
    expect(wrap('to http://a/very/long/link now', 8)).toEqual(['to', 'http://a/very/long/link', 'now']);
  });

  it('never break a command in backticks, and mind less room on the first line', () => {
    expect(wrap('type `slipway sync 20261121` now', 12)).toEqual(['type', '`slipway sync 20261121`', 'now']);
    expect(wrap('one two three', 9, 5)).toEqual(['one', 'two three']);
    expect(wrap('an ` alone', 20)).toEqual(['an ` alone']);
  });
});

describe('maskSecrets', () => {
  it('masks the longest first, each line of a key, and what URLs and JSON make of a secret', () => {
    expect(maskSecrets('abcdefgh abcd', ['abcd', 'abcdefgh'])).toBe('*** ***');
    expect(maskSecrets('x line-two y', ['line-one\nline-two'])).toBe('x *** y');
    expect(maskSecrets('http://a%20b%2Fc@host {"p":"a\\"bcd"}', ['a b/c', 'a"bcd'])).toBe(
      'http://***@host {"p":"***"}',
    );
  });

  it('leaves secrets too short to be one', () => {
    expect(maskSecrets('abc', ['a', ''])).toBe('abc');
  });
});

describe('createReporter', () => {
  it('passes over an event of a newer version', () => {
    const reporter = probe({ mode: 'plain' });
    reporter.send({ type: 'from-the-future' } as never);
    reporter.close();
    expect(reporter.stderr.text + reporter.stdout.text).toBe('');
  });
});
