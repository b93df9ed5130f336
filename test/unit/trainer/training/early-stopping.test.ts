import { describe, expect, it } from 'vitest';
import { BestEpoch } from '../../../../trainer/training/early-stopping.ts';

function run(values: readonly number[], patience: number, mode: 'min' | 'max' = 'min') {
  const best = new BestEpoch({ mode, patience });
  const enough = values.map((value, index) => best.add(index + 1, value));
  return { enough, best: best.best };
}

describe('the best epoch', () => {
  it('is the first with the lowest value, or the highest', () => {
    expect(run([3, 1, 2, 1], 0)).toEqual({ enough: [false, false, false, false], best: { epoch: 2, value: 1 } });
    expect(run([0.1, 0.9, 0.5], 0, 'max').best).toEqual({ epoch: 2, value: 0.9 });
  });

  it('says that it is enough after so many epochs without a better one', () => {
    expect(run([3, 2, 2.5, 2, 1, 2, 3], 2).enough).toEqual([false, false, false, true, false, false, true]);
  });

  it('is none where the values are no numbers', () => {
    expect(run([Number.NaN, Number.NaN], 2)).toEqual({ enough: [false, true], best: null });
  });
});
