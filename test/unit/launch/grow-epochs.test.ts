import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { growEpochs } from '../../../src/launch/grow-epochs.ts';
import type { RunPlan } from '../../../src/runs/plan.ts';
import { examplePlan } from '../../support/example-plan.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/index.ts';

let project: TemporaryDirectory;
beforeEach(async () => {
  project = await temporaryDirectory();
  writeProject('{epochs: {type: int, default: 3, max: 50}, note: {type: string, default: ""}}', '{epochs} {note}');
});
afterEach(() => project.remove());

function writeProject(parameters: string, words: string): void {
  const text = `name: cells\nentry_points:\n  main:\n    parameters: ${parameters}\n    command: train ${words}\n`;
  writeFileSync(project.join('MLproject'), text);
}

function planOf(command: string, parameters: RunPlan['parameters']): RunPlan {
  const plan = examplePlan({
    projectDirectory: project.path,
    storageDirectory: '/storage',
    command,
    commit: 'a'.repeat(40),
  });
  return { ...plan, runName: 'heron', parameters };
}

const usual = () => planOf(`train 5 'two words'`, { epochs: '5', note: 'two words' });

describe('the command of a resumed run', () => {
  it('is the same where nothing is asked for, whatever the project holds by now', async () => {
    writeFileSync(project.join('MLproject'), 'not: [valid');
    const { command, parameters } = await growEpochs(usual(), []);
    expect(command).toBe(usual().project.command);
    expect(parameters).toEqual(usual().parameters);
    expect(await growEpochs(usual(), ['note=two words'])).toEqual({ command, parameters });
  });

  it('has the greater number of epochs in its place, and all else as it was', async () => {
    expect(await growEpochs(usual(), ['epochs=20'])).toEqual({
      command: `train 20 'two words'`,
      parameters: { epochs: '20', note: 'two words' },
    });
  });

  it.each([
    ['train x --epochs 5', 'train x --epochs 20'],
    ['train x --epochs 5 --seed 5', 'train x --epochs 20 --seed 5'],
    ['train x --seed 5', 'train x --seed 5 --epochs 20'],
  ])('takes epochs that the MLproject does not declare: %s', async (command, grown) => {
    writeProject('{note: {type: string, default: ""}}', '{note}');
    const plan = planOf(command, { note: 'x', epochs: '5', seed: '5' });
    expect((await growEpochs(plan, ['epochs=20'])).command).toBe(grown);
  });

  it('knows parameters that the trainer spells with underscores', async () => {
    writeProject('{epochs: {type: int, default: 3}, batch-size: {type: int, default: 8}}', '{epochs} {batch-size}');
    const plan = planOf('train 5 64 --seed 2', { epochs: '5', batch_size: '64', seed: '2' });
    expect((await growEpochs(plan, ['epochs=6'])).command).toBe('train 6 64 --seed 2');
  });

  it('is not drawn up from an MLproject that has changed', async () => {
    writeProject('{epochs: {type: int, default: 3}, note: {type: string, default: ""}}', '--fast {epochs} {note}');
    await expect(growEpochs(usual(), ['epochs=20'])).rejects.toMatchObject({
      message: expect.stringContaining('has changed since the run heron was launched'),
      hint: `\`git -C ${project.path} checkout aaaaaaaaaaaa\``,
    });
  });
});

describe('parameters of a resumed run', () => {
  it.each([
    ['epochs=5', 'Parameter epochs is 5, but must be more than the 5 of the run heron.'],
    ['epochs=4', 'Parameter epochs is 4, but must be more than the 5 of the run heron.'],
    ['epochs=many', 'Parameter epochs is "many", but must be an integer.'],
    ['epochs=51', 'Parameter epochs is 51'],
    ['note=x', 'Parameter note is x, but the run heron has two words, and goes on as it was launched.'],
    ['rate=1', 'Parameter rate is 1, but the run heron has no parameter of that name'],
    ['constructor=1', 'Parameter constructor is 1, but the run heron has no parameter of that name'],
  ])('%s is refused', async (given, message) => {
    await expect(growEpochs(usual(), [given])).rejects.toThrow(message);
  });

  it('refuse epochs of a program that has none', async () => {
    await expect(growEpochs(planOf('train', {}), ['epochs=9'])).rejects.toThrow('has no parameter epochs');
  });
});
