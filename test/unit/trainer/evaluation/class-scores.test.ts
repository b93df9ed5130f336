import { describe, expect, it } from 'vitest';
import { classReport } from '../../../../trainer/evaluation/class-scores.ts';

describe('the scores of classes', () => {
  it('are those of a matrix counted by hand, together and one by one', () => {
    const { classes, accuracy, macroAverage, weightedAverage } = classReport(
      [
        [8, 2, 0],
        [1, 4, 0],
        [1, 0, 0],
      ],
      ['a', 'b', 'c'],
    );
    expect(classes[0]).toEqual({ name: 'a', precision: 0.8, recall: 0.8, f1: 0.8, support: 10 });
    expect(classes[1]).toMatchObject({ recall: 0.8, support: 5 });
    expect(classes[1]?.precision).toBeCloseTo(4 / 6, 12);
    // Nothing was said to be of the last class: its precision is 0, as scikit-learn counts it.
    expect(classes[2]).toEqual({ name: 'c', precision: 0, recall: 0, f1: 0, support: 1 });
    expect(accuracy).toBe(12 / 16);
    expect(macroAverage.recall).toBeCloseTo(1.6 / 3, 12);
    expect(weightedAverage.recall).toBeCloseTo(12 / 16, 12);
    expect(weightedAverage.support).toBe(16);
  });

  it('are 0 where there is nothing at all', () => {
    const nothing = classReport(
      [
        [0, 0],
        [0, 0],
      ],
      ['a', 'b'],
    );
    expect(nothing).toMatchObject({ accuracy: 0, macroAverage: { f1: 0, support: 0 }, weightedAverage: { f1: 0 } });
  });
});
