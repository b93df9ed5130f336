import { expect, it } from 'vitest';
import { divideBatch, sizeOfBatch } from '../../../src/stream/divide-batch.ts';

const metric = (step: number) => ({ key: 'loss', value: step, step, timestampMs: 1 });

it('divides a batch into pieces that hold each thing once, in order', () => {
  const batch = { params: { a: '1', b: '2' }, metrics: [1, 2, 3].map(metric), tags: { c: '3', d: '4' } };
  expect(sizeOfBatch(batch)).toBe(7);
  expect(divideBatch(batch, 3)).toEqual([
    { params: { a: '1', b: '2' }, metrics: [metric(1)] },
    { metrics: [metric(2), metric(3)], tags: { c: '3' } },
    { tags: { d: '4' } },
  ]);
});

it('makes nothing of nothing', () => {
  expect(divideBatch({}, 3)).toEqual([]);
});
