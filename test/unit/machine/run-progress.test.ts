import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { epochOf, reachedEpoch } from '../../../src/machine/run-progress.ts';
import { createRunDirectory } from '../../../src/runs/index.ts';
import { temporaryDirectory } from '../../support/index.ts';

const metric = (step: number, key = 'loss'): string =>
  JSON.stringify({ v: 1, type: 'metric', key, value: 1, step, time_ms: 1 });
const progress = (stage: string, unit: string, timeMs = 1): string =>
  JSON.stringify({ v: 1, type: 'progress', stage, done: 4, total: 10, unit, time_ms: timeMs });

it.each([
  ['the stage of its progress', [progress('epoch 3/12', 'images'), metric(2)], { epoch: 3, epochs: 12 }],
  [
    'the newest progress',
    [progress('epoch 5/12', 'images', 9), progress('epoch 4/12', 'images', 8)],
    { epoch: 5, epochs: 12 },
  ],
  ['a progress that counts epochs', [progress('training', 'epochs')], { epoch: 4, epochs: 10 }],
  [
    'the highest step of its metrics',
    [metric(7), metric(3), metric(900, 'batch/loss'), progress('loading', 'files')],
    { epoch: 7, epochs: null },
  ],
  ['nothing, of lines that are no events', ['{', '', '{"v":1}'], { epoch: null, epochs: null }],
])('the epoch of a run is told by %s', (_title, lines, expected) => {
  expect(epochOf(lines)).toEqual(expected);
});

it('is read from the end of the log, and not of what the agent or the machine writes', async () => {
  await using storage = await temporaryDirectory();
  const run = await createRunDirectory(storage.path);
  writeFileSync(
    `${run.events}/trainer.ndjson`,
    `${metric(999)}\n${`${metric(4)}\n`.repeat(5000)}${metric(5).slice(0, 9)}`,
  );
  writeFileSync(`${run.events}/system.ndjson`, `${metric(88)}\n`);
  writeFileSync(`${run.events}/agent.ndjson`, `${metric(77)}\n`);
  expect(reachedEpoch(run.directory)).toEqual({ epoch: 4, epochs: null });
  expect(reachedEpoch('/nowhere')).toEqual({ epoch: null, epochs: null });
});
