import { expect, test } from 'vitest';
import {
  firstHistory,
  lastMetricValues,
  lastStep,
  metricHistories,
  RunLogAppender,
} from '../../../src/runlog/index.ts';
import { temporaryDirectory } from '../../support/index.ts';

test('histories come in the order of steps, the last value of each, and thinned where they are long but for the best', async () => {
  await using directory = await temporaryDirectory();
  const log = RunLogAppender.open(directory.path, 'trainer');
  for (const [value, step] of [
    [0.5, 2],
    [0.9, 1],
    [Number.NaN, 3],
    [0.4, 2],
  ] as const) {
    log.metric('val_loss', value, step);
  }
  for (let step = 0; step < 1000; step += 1) log.metric('loss', step === 777 ? -1 : step, step);
  log.close();
  const histories = await metricHistories(directory.path, ['val_loss', 'loss', 'missing'], 10);
  expect(histories.get('val_loss')).toEqual({ steps: [1, 2, 3], values: [0.9, 0.4, Number.NaN] });
  expect(histories.get('missing')).toEqual({ steps: [], values: [] });
  const loss = histories.get('loss');
  expect(loss?.values).toHaveLength(10);
  expect(loss?.values.at(0)).toBe(0);
  expect(loss?.values.at(-1)).toBe(999);
  // The best one lies between those that are evenly spaced.
  expect(loss?.steps).toContain(777);
  expect(loss?.steps).toEqual(loss?.steps.toSorted((one, other) => one - other));
});

test('metrics of the machine are no result, and their steps are none of the training', async () => {
  await using directory = await temporaryDirectory();
  const trainer = RunLogAppender.open(directory.path, 'trainer');
  trainer.metric('loss', 0.5, 3);
  trainer.close();
  const system = RunLogAppender.open(directory.path, 'system');
  system.metric('system/cpu_utilization_percentage', 50, 4000);
  system.close();
  expect(await lastMetricValues(directory.path)).toEqual({ loss: 0.5 });
  expect(await lastStep(directory.path)).toBe(3);
});

test('the first history is that of the first metric with several steps, and a long one keeps its shape', async () => {
  await using directory = await temporaryDirectory();
  const log = RunLogAppender.open(directory.path, 'trainer');
  log.metric('val_loss', 0.5, 1);
  log.metric('val_loss', 0.4, 1);
  for (let step = 0; step < 60_000; step += 1) log.metric('loss', step === 31_001 ? -1 : step, step);
  for (const step of [1, 2]) log.metric('acc', step, step);
  log.close();
  const history = await firstHistory(directory.path, ['val_loss', 'loss', 'acc']);
  expect(history?.key).toBe('loss');
  expect(history?.values).toHaveLength(500);
  expect([history?.steps.at(0), history?.steps.at(-1)]).toEqual([0, 59_999]);
  expect(history?.steps).toContain(31_001);
  expect(await firstHistory(directory.path, ['val_loss'])).toBeNull();
});
