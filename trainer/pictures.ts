import path from 'node:path';
import { errorMessage } from '../src/errors.ts';
import { type Chart, writeChart } from './evaluation/charts/chart.ts';
import { recordArtifacts } from './run-record.ts';
import type { TrainingRun } from './training-run.ts';

/** Pictures and their data lie here, below the artifacts. */
export function plotsDirectory(run: TrainingRun): string {
  return path.join(run.folder.artifacts, 'plots');
}

/**
 * Draws a picture and logs its files. One that cannot be drawn is a warning with its reason, and no end of a training:
 * what hours of it have learned is worth more than a picture.
 */
export async function drawPicture(run: TrainingRun, name: string, make: () => Chart | Promise<Chart>): Promise<void> {
  await attempt(run, `the picture ${name} could not be drawn`, async () => {
    recordArtifacts(run.log, run.folder.directory, await writeChart(plotsDirectory(run), await make()));
  });
}

/** Does what a training can go on without; where it fails, people are told why. */
export async function attempt(run: TrainingRun, failure: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    run.warn(`warning: ${failure}: ${errorMessage(error)}`);
  }
}
