import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { lastReason, lastStep } from '../../../src/runlog/index.ts';
import { temporaryDirectory } from '../../support/index.ts';

const end = '{"v":1,"type":"end","status":"FAILED","reason":"no data"}\n';

test('what an earlier attempt said of its end is no reason of a later one', async () => {
  await using run = await temporaryDirectory();
  mkdirSync(run.join('events'));
  const log = run.join('events', 'trainer.ndjson');
  writeFileSync(log, end);
  expect(await lastReason(run.path)).toBe('no data');
  const starts = { 'events/trainer.ndjson': end.length };
  expect(await lastReason(run.path, starts)).toBeNull();
  appendFileSync(log, end.replace('no data', 'no space'));
  expect(await lastReason(run.path, starts)).toBe('no space');
});

test('the last step is the highest of all writers, in whichever order they are written', async () => {
  await using run = await temporaryDirectory();
  mkdirSync(run.join('events'));
  expect(await lastStep(run.path)).toBeNull();
  for (const [writer, step] of Object.entries({ one: 7, two: 3 })) {
    const metric = { v: 1, type: 'metric', key: 'loss', value: 1, step, time_ms: 1 };
    writeFileSync(run.join('events', `${writer}.ndjson`), `${JSON.stringify(metric)}\n`);
  }
  expect(await lastStep(run.path)).toBe(7);
});
