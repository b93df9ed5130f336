import path from 'node:path';
import { atomicWriteFile } from '../src/util/atomic-write-file.ts';
import { recordArtifacts } from './run-record.ts';
import { divergenceIn } from './training/divergence.ts';
import type { EpochRecord } from './training/history.ts';
import type { TrainingRun } from './training-run.ts';

/** `epoch 3: loss is NaN` where the training diverged, which is a tag and a warning, no failure; null where it did not. */
export async function tellDivergence(
  run: TrainingRun,
  history: readonly EpochRecord[],
  guessingLoss: number,
): Promise<string | null> {
  const divergence = divergenceIn(history, guessingLoss);
  if (divergence === null) return null;
  run.log.tag('diverged', divergence);
  run.warn(`warning: the ${divergenceSentence(run, divergence)}`);
  const { epoch, brokenBatch } = history.at(-1) as EpochRecord;
  if (brokenBatch !== undefined) {
    const file = path.join(run.folder.artifacts, 'broken-batch.json');
    await atomicWriteFile(file, `${JSON.stringify({ epoch, ...brokenBatch }, null, 2)}\n`);
    recordArtifacts(run.log, run.folder.directory, [file]);
  }
  return divergence;
}

/** The same as a sentence without its beginning, with what to do. */
export function divergenceSentence({ parameters }: TrainingRun, divergence: string): string {
  return `training diverged in ${divergence}. Try a smaller learning_rate than ${parameters.learning_rate}.`;
}
