import { describe, expect, it } from 'vitest';
import { ClassificationEvaluator } from '../../../../trainer/evaluation/evaluators/classification.ts';
import { evaluatePoints } from '../../../../trainer/evaluation/point-table.ts';
import { predictionsOf } from '../../../../trainer/evaluation/predictions.ts';

const three = predictionsOf({
  ids: ['a, b', 'c'],
  labels: [2, 0],
  scores: Float32Array.from([0.25, 0.25, 0.5, 0.125, 0.75, 0.125]),
  classNames: ['x', 'y', 'z'],
});

describe('the table of data points', () => {
  it('has a row for each, with classes, probabilities and the value of each function', () => {
    const asked: number[][] = [];
    const { csv, means } = evaluatePoints(three, {
      first: (yTrue, yPred) => {
        asked.push([...yTrue], [...yPred]);
        return yPred[0] as number;
      },
      two: () => 2,
    });
    expect(csv).toBe(
      [
        'id,true_class,predicted_class,probability x,probability y,probability z,first,two',
        '"a, b",z,z,0.25,0.25,0.5,0.25,2',
        'c,x,y,0.125,0.75,0.125,0.125,2',
        '',
      ].join('\n'),
    );
    expect(means).toEqual({ first: 0.1875, two: 2 });
    expect(asked).toEqual([
      [0, 0, 1],
      [0.25, 0.25, 0.5],
      [1, 0, 0],
      [0.125, 0.75, 0.125],
    ]);
  });

  it('takes two classes as two probabilities', () => {
    const two = predictionsOf({
      ids: ['a'],
      labels: [1],
      scores: Float32Array.from([0.75]),
      classNames: ['no', 'yes'],
    });
    expect(evaluatePoints(two, {}).csv).toBe(
      'id,true_class,predicted_class,probability no,probability yes\na,yes,yes,0.25,0.75\n',
    );
  });
});

describe('the evaluation of classes', () => {
  const { brier_score: brierScore } = new ClassificationEvaluator().getEvalFuncs();
  const [yTrue, yPred] = [Float32Array.from([0, 1]), Float32Array.from([0.25, 0.75])];

  it('is the Brier score of each', () => {
    expect(brierScore?.(yTrue, yPred)).toBeCloseTo(2 * 0.25 ** 2, 6);
  });

  it('is 2 for the surest of mistakes', () => {
    expect(brierScore?.(yTrue, Float32Array.from([1, 0]))).toBe(2);
  });
});
