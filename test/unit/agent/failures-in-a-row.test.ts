import { expect, test } from 'vitest';
import { failuresInARow } from '../../../src/agent/run-agent.ts';

test('agents that fail soon after one another are counted', () => {
  expect(failuresInARow(0, 20)).toBe(1);
  expect(failuresInARow(2, 20)).toBe(3);
});

test('one that has worked for long begins the count anew: three failures in a month give no run up', () => {
  expect(failuresInARow(2, 3_600_000)).toBe(1);
});
