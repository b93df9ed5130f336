import { describe, expect, it } from 'vitest';
import { checkBatch, metricProblem, paramProblem, tagProblem } from '../../../src/mlflow/validate.ts';

const point = { key: 'loss', value: 1, step: 1, timestampMs: 1_795_256_330_933 };

describe('metricProblem', () => {
  it('finds nothing wrong with a metric of any finite or other value', () => {
    for (const value of [0, -0, 1e308, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(metricProblem({ ...point, value })).toBeNull();
    }
    expect(metricProblem({ ...point, step: -5 })).toBeNull();
  });

  it.each([
    ['a fractional step', { step: 1.5 }, 'step 1.5, not an integer'],
    ['a fractional time', { timestampMs: 12.25 }, 'time 12.25, not whole milliseconds'],
    ['a time beyond exact integers', { timestampMs: 2 ** 60 }, 'not whole milliseconds'],
    ['a step that is NaN', { step: Number.NaN }, 'step NaN'],
    ['a value that is a text', { value: '0.5' as unknown as number }, 'value "0.5", not a number'],
    ['a value that is null', { value: null as unknown as number }, 'value null'],
    ['a dataset without digest', { datasetName: 'train' }, 'without its digest'],
    ['an empty key', { key: '' }, 'has no key'],
  ])('refuses %s', (_name, change, text) => {
    expect(metricProblem({ ...point, ...change })).toContain(text);
  });
});

describe('keys', () => {
  it.each(['loss', 'val/loss', 'a b', 'a:b', 'über', 'x.y-z_1', 'k'.repeat(250), '损失'])('takes %s', (key) => {
    expect(paramProblem(key, '')).toBeNull();
  });

  it.each(['/a', 'a/', 'a//b', 'a/../b', './a', '..', '..a', 'a/.', 'a,b', 'a%', 'a\nb', 'k'.repeat(251), 'a"b'])(
    'refuses %j',
    (key) => {
      expect(paramProblem(key, 'x')).not.toBeNull();
    },
  );

  it('counts characters, not UTF-16 units', () => {
    expect(tagProblem('k', '😀'.repeat(8000))).toBeNull();
    expect(tagProblem('k', '😀'.repeat(8001))).toContain('8001 characters');
  });
});

describe('paramProblem', () => {
  it('refuses a number, which MLflow would store as an empty text for ever', () => {
    expect(paramProblem('lr', 0.1 as unknown as string)).toContain('value 0.1, not a text');
  });

  it('refuses what MLflow would cut off', () => {
    expect(paramProblem('notes', 'x'.repeat(6000))).toBeNull();
    expect(paramProblem('notes', 'x'.repeat(6001))).toContain('the server keeps 6000');
  });

  it('refuses half of a surrogate pair', () => {
    expect(paramProblem('name', 'a\ud83d')).toContain('surrogate');
  });
});

describe('checkBatch', () => {
  it('throws a UsageError for the first thing wrong', () => {
    const metrics = [point, { ...point, key: 'acc', step: 0.5 }];
    expect(() => checkBatch({ metrics })).toThrow('The metric "acc" has the step 0.5');
    expect(() => checkBatch({ tags: { 'a//b': 'x' } })).toThrow('tag "a//b"');
    expect(() => checkBatch({ metrics: [point], params: { a: 'b' }, tags: { c: 'd' } })).not.toThrow();
  });
});
