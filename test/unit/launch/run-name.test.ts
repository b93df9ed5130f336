import { expect, test } from 'vitest';
import { drawRunName } from '../../../src/launch/run-name.ts';

test('a drawn name is two words and three digits', () => {
  for (let index = 0; index < 50; index += 1) expect(drawRunName()).toMatch(/^[a-z]+-[a-z]+-\d{3}$/);
});

test('the random source decides the name', () => {
  expect(drawRunName(() => 0)).toBe('amber-albatross-100');
  expect(drawRunName(() => 0.9999)).toBe('warm-whale-999');
});
