import { describe, expect, it } from 'vitest';
import { type CompiledModel, type EvaluationFunction, Evaluator } from '../../../../trainer/components/index.ts';
import { checkCompiledModel, checkEvaluator } from '../../../../trainer/configuration/own-classes/check-results.ts';
import { classification as task } from '../../../../trainer/evaluation/tasks/classification.ts';
import { reconstruction } from '../../../../trainer/evaluation/tasks/reconstruction.ts';
import type { Task } from '../../../../trainer/evaluation/tasks/task.ts';

const ending = (activation: string) => ({
  getClassName: () => 'Dense',
  weights: [{}, {}],
  getConfig: () => ({ activation }),
});

const network = (takes: (number | null)[], gives: number[], inputs = 1, activation = 'linear') => ({
  layers: [ending(activation)],
  predict: () => {},
  countParams: () => 1,
  inputs: Array.from({ length: inputs }, () => ({ shape: [null, ...takes] })),
  outputs: [{ shape: [null, ...gives] }],
});

const check = (model: unknown, classes = 3, loss: unknown = 'categorical_crossentropy') =>
  checkCompiledModel({ model, loss } as CompiledModel, { inputShape: [4, 5, 1], classes, task }, 'model.Mine');

describe('a network that a class built', () => {
  it('is taken where it fits the data', () => {
    expect(check(network([4, 5, 1], [3])).loss).toBe('categorical_crossentropy');
    expect(check(network([null, null, 1], [1]), 2, 'binary_crossentropy').loss).toBe('binary_crossentropy');
  });

  it.each<[string, () => unknown, string]>([
    ['no network', () => check({}), 'The network model.Mine is none: getCompiledModel must return {model, loss}.'],
    [
      'nothing',
      () => checkCompiledModel(undefined as never, { inputShape: [4, 5, 1], classes: 2, task }, 'm.N'),
      'm.N is none',
    ],
    [
      'a loss',
      () => check(network([4, 5, 1], [3]), 3, 'mse'),
      'model.Mine has the loss "mse": expected one of binary_',
    ],
    ['two inputs', () => check(network([4, 5, 1], [3], 2)), 'has 2 inputs and 1 outputs: expected one of each.'],
    [
      'an input',
      () => check(network([5, 4, 1], [3])),
      'takes inputs of 5x4x1, but samples are 4x5x1 (height, width, ch',
    ],
    ['a flat input', () => check(network([20], [3])), 'takes inputs of 20, but samples are 4x5x1'],
    ['an output', () => check(network([4, 5, 1], [2])), 'gives 2 values, but of 3 classes a probability of each, 3.'],
    ['two of two', () => check(network([4, 5, 1], [2]), 2), 'but of 2 classes one probability, that of the second.'],
    ['an image', () => check(network([4, 5, 1], [2, 2, 3])), 'gives 2x2x3 values, but of 3 classes'],
    [
      'the loss of one',
      () => check(network([4, 5, 1], [3]), 3, 'binary_crossentropy'),
      'model.Mine gives 3 probabilities, for which the loss is categorical_crossentropy, and not binary_crossentropy.',
    ],
    [
      'the loss of several',
      () => check(network([4, 5, 1], [1]), 2),
      'model.Mine gives one probability, for which the loss is binary_crossentropy, and not categorical_crossentropy.',
    ],
    [
      'a sigmoid',
      () => check(network([4, 5, 1], [3], 1, 'sigmoid')),
      'ends with sigmoid, whose values are not the shares of a whole: expected softmax.',
    ],
    [
      'a softmax',
      () => check(network([4, 5, 1], [1], 1, 'softmax'), 2, 'binary_crossentropy'),
      'ends with softmax, which of one value is always 1: expected sigmoid.',
    ],
  ])('is refused before anything is trained: %s', (_what, build, message) => {
    expect(build).toThrow(message);
    expect(build).toThrow(expect.objectContaining({ exitCode: 64 }));
  });
});

describe('metrics that a network brings', () => {
  const withMetrics = (metrics: unknown, of: Task = task) =>
    checkCompiledModel(
      {
        model: network([4, 5, 1], of === task ? [3] : [4, 5, 1]),
        loss: of === task ? 'categorical_crossentropy' : of.losses[0],
        metrics,
      } as unknown as CompiledModel,
      { inputShape: [4, 5, 1], classes: 3, task: of },
      'model.Mine',
    );

  it('are taken with a name of their own', () => {
    expect(Object.keys(withMetrics({ surprise: () => 1 }).metrics ?? {})).toEqual(['surprise']);
  });

  it.each<[unknown, string]>([
    [{ accuracy: () => 1 }, 'The network model.Mine brings the metric accuracy, a name that is taken: choose another.'],
    [{ val_mine: () => 1 }, 'brings the metric val_mine, a name that is taken'],
    [{ mine: 3 }, 'The network model.Mine has mine, which is no function.'],
    [{ mine: () => 'x' }, 'The function mine of the network model.Mine gives a string: expected a number.'],
  ])('are refused before anything is trained: %s', (metrics, message) => {
    expect(() => withMetrics(metrics)).toThrow(message);
  });

  it('are none of a reconstruction', () => {
    expect(() => withMetrics({ mine: () => 1 }, reconstruction)).toThrow(
      'The network model.Mine brings metrics, but a reconstruction has its own alone.',
    );
  });
});

describe('the frozen base of a network', () => {
  const withBase = (gives: number[], takes: number[]) => () =>
    checkCompiledModel(
      {
        ...{ model: network([4, 5, 1], [3]), loss: 'categorical_crossentropy' },
        frozenBase: { base: network([4, 5, 1], gives), head: network(takes, [3]) },
      } as unknown as CompiledModel,
      { inputShape: [4, 5, 1], classes: 3, task },
      'model.Mine',
    );

  it('gives its head features of a height, a width and channels', () => {
    expect(withBase([1, 1, 5], [1, 1, 5])).not.toThrow();
    expect(withBase([5], [5])).toThrow(
      'The frozen base of the network model.Mine gives 5 values, and its head takes 5:',
    );
    expect(withBase([1, 1, 5], [1, 5, 1])).toThrow('gives 1x1x5 values, and its head takes 1x5x1: expected the same');
  });
});

describe('an evaluator', () => {
  const evaluatorOf = (functions: unknown) =>
    new (class extends Evaluator {
      override getEvalFuncs() {
        return functions as Record<string, EvaluationFunction>;
      }
    })();
  const tryOut = (functions: unknown) => () =>
    checkEvaluator(evaluatorOf(functions), { inputShape: [4, 5, 1], classes: 3, task }, 'evaluator.Mine');

  it('is tried on a prediction that says nothing', () => {
    const seen: unknown[] = [];
    const note: EvaluationFunction = (yTrue, yPred) => seen.push([...yTrue], [...yPred]);
    expect(tryOut({ note })).not.toThrow();
    expect(seen).toEqual([[1, 0, 0], new Array(3).fill(Math.fround(1 / 3))]);
  });

  it.each<[unknown, string]>([
    [{ margin: 3 }, 'The evaluator evaluator.Mine has margin, which is no function.'],
    [{ margin: () => 'a' }, 'The function margin of the evaluator evaluator.Mine gives a string: expected a number.'],
    [
      { margin: (_: Float32Array, yPred: Float32Array[]) => yPred[9]!.length },
      'The function margin of the evaluator evaluator.Mine throws: Cannot read',
    ],
  ])('is refused before anything is trained: %s', (functions, message) => {
    expect(tryOut(functions)).toThrow(message);
  });
});
