import { expect, test } from 'vitest';
import { nestedArray } from '../../../../trainer/export/input-example.ts';

test('nests values row by row', () => {
  expect(nestedArray([1, 2, 3, 4, 5, 6], [1, 3, 2])).toEqual([
    [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
  ]);
});

test('says every float32 exactly, in few digits', () => {
  const values = Float32Array.from({ length: 500 }, (_, index) => Math.sin(index) * 10 ** ((index % 9) - 4));
  const text = JSON.stringify(nestedArray(values, [500]));
  expect(Float32Array.from(JSON.parse(text))).toEqual(values);
  expect(JSON.stringify(nestedArray(new Float32Array([0.1]), [1]))).toBe('[0.100000001]');
});
