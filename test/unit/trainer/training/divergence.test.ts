import { describe, expect, it } from 'vitest';
import { brokenLoss, divergenceIn, divergenceOf } from '../../../../trainer/training/divergence.ts';

const epoch = (values: Record<string, number>) => ({ epoch: 3, values });

describe('a loss that broke', () => {
  it('is one that is no finite number, the training one named first', () => {
    expect(brokenLoss(epoch({ loss: 0.5, val_loss: 0.6, val_auc: Number.NaN }))).toBeNull();
    expect(brokenLoss(epoch({ loss: Number.NaN, val_loss: Number.NaN }))).toBe('loss is NaN');
    expect(brokenLoss(epoch({ loss: 0.5, val_loss: Number.POSITIVE_INFINITY }))).toBe('val_loss is Infinity');
    expect(brokenLoss(epoch({ loss: 0.5 }))).toBeNull();
  });
});

describe('a divergence', () => {
  it('is a broken loss, and one above twice that of guessing in training and validation', () => {
    expect(divergenceOf(epoch({ loss: Number.NaN, val_loss: 0.2 }), Math.log(2))).toBe('loss is NaN');
    expect(divergenceOf(epoch({ loss: 8.3028, val_loss: 7.9 }), Math.log(2))).toBe(
      'loss is 8.303, more than twice what guessing gives (0.6931)',
    );
    expect(divergenceOf(epoch({ loss: 1.4 }), Math.log(2))).toMatch(/^loss is 1\.400/);
  });

  it('is neither overfitting nor a bad start, and knows the number of classes', () => {
    expect(divergenceOf(epoch({ loss: 0.01, val_loss: 4 }), Math.log(2))).toBeNull();
    expect(divergenceOf(epoch({ loss: 4, val_loss: 0.7 }), Math.log(2))).toBeNull();
    expect(divergenceOf(epoch({ loss: 0.9, val_loss: 0.9 }), Math.log(2))).toBeNull();
    expect(divergenceOf(epoch({ loss: 3, val_loss: 3 }), Math.log(100))).toBeNull();
  });
});

describe('the divergence of a training', () => {
  const history = (...losses: number[]) => losses.map((loss, index) => ({ epoch: index + 1, values: { loss } }));

  it('began in the first epoch from which there was no way back', () => {
    expect(divergenceIn(history(0.6, 7, 8, 6), Math.log(2))).toMatch(/^epoch 2: loss is 7\.000/);
    expect(divergenceIn(history(7, 0.6, 8, Number.NaN), Math.log(2))).toMatch(/^epoch 3: loss is 8\.000/);
    expect(divergenceIn(history(7, 8, 0.6), Math.log(2))).toBeNull();
    expect(divergenceIn([], Math.log(2))).toBeNull();
  });
});
