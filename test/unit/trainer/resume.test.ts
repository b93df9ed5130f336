import { expect, it } from 'vitest';
import type { Dataset } from '../../../trainer/data/dataset.ts';
import { checkpointFacts } from '../../../trainer/resume.ts';
import { checkData } from '../../../trainer/training/checkpoints/check-facts.ts';
import type { TrainingRun } from '../../../trainer/training-run.ts';

const run = { configuration: { flattened: {} } } as unknown as TrainingRun;
const split = (labels: number[]) => ({ ids: ['a', 'b'], labels: Int32Array.from(labels), digest: '00' });
const facts = (labels: number[]) => {
  const splits = { training: split(labels), validation: split([0, 1]), test: split([0, 1]) };
  return checkpointFacts(run, { splits } as unknown as Dataset, { threads: 1, device: 'CPU' });
};

it('tells data with other labels from those that a run was begun with, though their images are the same', () => {
  expect(() => checkData(facts([0, 1]).data, facts([0, 1]).data, 'cells')).not.toThrow();
  expect(() => checkData(facts([0, 1]).data, facts([1, 0]).data, 'cells')).toThrow(
    'The training samples of cells are not those with which the run was begun',
  );
});
