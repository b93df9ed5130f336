import { mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { projectKnowledge } from '../../../src/history/again-words.ts';
import { jsonText } from '../../../src/history/index.ts';
import { bestOf, inOrder } from '../../../src/history/read-metrics.ts';
import { examplePlan } from '../../support/example-plan.ts';
import { temporaryDirectory } from '../../support/index.ts';
import { recordedRun } from './recorded.ts';

describe('the history of a metric', () => {
  it('is in the order of steps, with the last value of each', () => {
    const point = (step: number, value: number, timestampMs: number) => ({ step, value, timestampMs });
    expect(inOrder([point(2, 0.5, 10), point(1, 0.9, 5), point(2, 0.4, 20), point(2, 0.6, 15)])).toEqual({
      steps: [1, 2],
      values: [0.9, 0.4],
    });
  });

  it('has a best value where there are several', () => {
    expect(bestOf('val_loss', { steps: [1, 2, 4], values: [3, 1, 2] })).toEqual({ best: 1, bestStep: 2 });
    expect(bestOf('val_loss', { steps: [1], values: [3] })).toEqual({ best: null, bestStep: null });
    expect(bestOf('val_loss', undefined)).toEqual({ best: null, bestStep: null });
  });
});

describe('what the project of a run tells', () => {
  const run = recordedRun({
    engine: 'host',
    gpus: null,
    parameters: { epochs: '5', lr: '1e-3', device: 'CPU', name: '' },
  });

  it('is which parameters were chosen, and how to run it again, from wherever the person is', async () => {
    await using folder = await temporaryDirectory();
    const project = folder.join('cells');
    await mkdir(project);
    const declared =
      '{epochs: {type: int, default: 3}, lr: {type: float, default: 1e-3}, name: {type: string, default: ""}}';
    await writeFile(
      `${project}/MLproject`,
      `name: cells\nentry_points:\n  main: {command: "x", parameters: ${declared}}\n`,
    );
    const made = { ...run, source: { ...run.source, name: project } };
    expect(await projectKnowledge(made, 'cells', folder.path, null)).toEqual({
      defaultParameters: ['lr', 'name'],
      programParameters: ['device'],
      again: ['run', 'cells', '-P', 'epochs=5', '--engine', 'host'],
    });
    const elsewhere = await projectKnowledge(made, 'other', project, null);
    expect(elsewhere.again).toEqual(['run', '.', '-P', 'epochs=5', '--experiment-name', 'other', '--engine', 'host']);
  });

  it('has what its plan alone says: limits, the name of the model, variables, and an experiment that no server has', async () => {
    await using folder = await temporaryDirectory();
    const plan = {
      ...examplePlan({ projectDirectory: folder.path, storageDirectory: folder.path, memoryMiB: 2048 }),
      registerModel: 'cells-v2',
      passEnvironment: ['TEAM'],
    };
    const tracking = { ...plan.tracking, experimentName: 'gone' };
    const known = await projectKnowledge({ ...run, parameters: {} }, null, folder.path, { ...plan, tracking });
    expect(known.again).toEqual([
      ...['run', '.', '--experiment-name', 'gone', '--engine', 'host', '--env', 'TEAM'],
      ...['--register-model', 'cells-v2', '--memory', '2048m', '--pids-limit', '256'],
    ]);
  });

  it('is little where the project is not here or cannot be read, and nothing of a run of something else', async () => {
    await using folder = await temporaryDirectory();
    await writeFile(folder.join('MLproject'), 'name: [broken');
    const all = ['-P', 'epochs=5', '-P', 'lr=1e-3', '-P', 'device=CPU'];
    expect(await projectKnowledge(run, null, folder.path, null)).toEqual({
      defaultParameters: null,
      programParameters: [],
      again: ['run', '.', ...all, '--engine', 'host'],
    });
    expect((await projectKnowledge({ ...run, runId: null }, null, folder.path, null)).again).toBeNull();
  });
});

it('an answer in JSON spells the numbers that JSON does not have', () => {
  const value = { a: Number.NaN, b: [Number.NEGATIVE_INFINITY, 1.5], c: null };
  expect(JSON.parse(jsonText(value))).toEqual({ a: 'NaN', b: ['-Infinity', 1.5], c: null });
});
