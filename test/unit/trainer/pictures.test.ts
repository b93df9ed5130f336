import { readdir } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { RunLogAppender, readRunLog } from '../../../src/runlog/index.ts';
import { learningCurves } from '../../../trainer/evaluation/charts/learning-curves.ts';
import { drawPicture } from '../../../trainer/pictures.ts';
import type { TrainingRun } from '../../../trainer/training-run.ts';
import { temporaryDirectory } from '../../support/index.ts';
import { madeHistory } from '../../support/made-predictions.ts';

it('a picture that cannot be drawn is a warning that names it, and the next one is drawn and logged', async () => {
  await using folder = await temporaryDirectory();
  const log = RunLogAppender.open(folder.path, 'trainer');
  const warnings: string[] = [];
  const run = {
    folder: { directory: folder.path, artifacts: folder.join('artifacts'), launched: true },
    log,
    warn: (text: string) => warnings.push(text),
  } as unknown as TrainingRun;
  await drawPicture(run, 'roc-curve', () => {
    throw new RangeError('no scores');
  });
  expect(warnings).toEqual(['warning: the picture roc-curve could not be drawn: no scores']);
  // Drawn again, each file is replaced as a whole: nothing is left beside it.
  for (const epochs of [3, 4]) await drawPicture(run, 'learning-curves', () => learningCurves(madeHistory(epochs)));
  log.close();
  const logged: string[] = [];
  for await (const { event } of readRunLog(folder.path)) if (event.type === 'artifact') logged.push(event.path);
  const files = ['learning-curves.csv', 'learning-curves.svg', 'learning-curves.vl.json'];
  expect((await readdir(folder.join('artifacts/plots'))).sort()).toEqual(files);
  expect(logged.toSorted()).toEqual(files.flatMap((name) => [`artifacts/plots/${name}`, `artifacts/plots/${name}`]));
  expect(warnings).toHaveLength(1);
});
