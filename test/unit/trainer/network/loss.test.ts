import { beforeAll, describe, expect, it } from 'vitest';
import type { LossName } from '../../../../trainer/components/index.ts';
import type { OutputActivation } from '../../../../trainer/network/forward.ts';
import { asScores, losses } from '../../../../trainer/network/loss.ts';
import type { TensorFlow } from '../../../../trainer/tensorflow/library.ts';
import { quietTensorFlow } from '../../../support/tensorflow.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = quietTensorFlow();
  await tf.ready();
});

function lossOf(
  name: LossName,
  output: number[][],
  labels: number[],
  activation: OutputActivation,
  labelSmoothing = 0,
): number[] {
  return tf.tidy(() => {
    const inputs = { output: tf.tensor2d(output), activation, targets: tf.tensor1d(labels), labelSmoothing };
    return [...losses[name](tf, inputs).dataSync()];
  });
}

const softmax = (logits: number[]): number[] => {
  const powers = logits.map(Math.exp);
  const sum = powers.reduce((all, power) => all + power, 0);
  return powers.map((power) => power / sum);
};

describe('the loss of classes', () => {
  const logits = [
    [2, -1, 0.5],
    [0, 0, 0],
  ];

  it('is -log of the probability of the right one, from logits or probabilities', () => {
    const expected = logits.map((row, index) => -Math.log(softmax(row)[index + 1] as number));
    for (const activation of ['linear', 'softmax'] as const) {
      for (const [index, value] of lossOf('categorical_crossentropy', logits, [1, 2], activation).entries()) {
        expect(value).toBeCloseTo(expected[index] as number, 5);
      }
    }
    const given = lossOf('categorical_crossentropy', logits.map(softmax), [1, 2], null);
    for (const [index, value] of given.entries()) expect(value).toBeCloseTo(expected[index] as number, 5);
  });

  it('is computed from what the network gives where its activation is of another loss', () => {
    const [row] = logits as [number[]];
    const sigmoid = 1 / (1 + Math.exp(1));
    expect(lossOf('categorical_crossentropy', [row], [1], 'sigmoid')[0]).toBeCloseTo(-Math.log(sigmoid), 5);
    const shares = softmax([2, -1]);
    const expected = -(Math.log(shares[0] as number) + Math.log(1 - (shares[1] as number))) / 2;
    const [value] = tf.tidy(() => {
      const inputs = { output: tf.tensor2d([[2, -1]]), targets: tf.tensor2d([[1, 0]]), labelSmoothing: 0 };
      return losses.binary_crossentropy(tf, { ...inputs, activation: 'softmax' }).dataSync();
    });
    expect(value).toBeCloseTo(expected, 5);
  });

  it('takes smoothed labels as Keras smooths them: y (1 - s) + s / classes', () => {
    const [first] = logits as [number[]];
    const [value] = lossOf('categorical_crossentropy', [first], [1], 'softmax', 0.3);
    const wanted = [0.1, 0.8, 0.1];
    const expected = -softmax(first).reduce((sum, p, index) => sum + (wanted[index] as number) * Math.log(p), 0);
    expect(value).toBeCloseTo(expected, 5);
  });

  it('is finite for the surest of wrong answers', () => {
    expect(lossOf('categorical_crossentropy', [[200, -200]], [1], 'softmax')[0]).toBeCloseTo(400, 3);
    expect(lossOf('categorical_crossentropy', [[1, 0]], [1], null)[0]).toBeCloseTo(-Math.log(1e-7), 3);
    expect(lossOf('binary_crossentropy', [[200]], [0], 'sigmoid')[0]).toBeCloseTo(200, 3);
    expect(lossOf('binary_crossentropy', [[1]], [0], null)[0]).toBeCloseTo(-Math.log(2 ** -23), 2);
  });
});

describe('the loss of two classes', () => {
  it('is the log loss, from a logit or a probability, with smoothed labels as Keras smooths them', () => {
    const expected = (logit: number, label: number): number => {
      const p = 1 / (1 + Math.exp(-logit));
      return -(label * Math.log(p) + (1 - label) * Math.log(1 - p));
    };
    expect(lossOf('binary_crossentropy', [[0.7]], [1], 'sigmoid')[0]).toBeCloseTo(expected(0.7, 1), 5);
    expect(lossOf('binary_crossentropy', [[0.7]], [1], 'linear')[0]).toBeCloseTo(expected(0.7, 1), 5);
    expect(lossOf('binary_crossentropy', [[0.6]], [0], null)[0]).toBeCloseTo(-Math.log(0.4), 5);
    expect(lossOf('binary_crossentropy', [[0.7]], [1], 'sigmoid', 0.2)[0]).toBeCloseTo(expected(0.7, 0.9), 5);
  });
});

describe('the loss of values', () => {
  const logits = [
    [0.5, -2, 3],
    [0, 1, -1],
  ];
  const wanted = [
    [1, 0.25, 0],
    [0.5, 1, 0],
  ];
  const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));
  const valueLoss = (name: LossName, output: number[][], activation: OutputActivation): number[] =>
    tf.tidy(() => {
      // As images of one channel.
      const [values, targets] = [tf.tensor(output, [2, 1, 3, 1]), tf.tensor(wanted, [2, 1, 3, 1])];
      return [...losses[name](tf, { output: values, activation, targets, labelSmoothing: 0 }).dataSync()];
    });
  const mean = (of: (value: number, given: number) => number, given: (value: number) => number): number[] =>
    logits.map((row, at) => row.reduce((sum, z, place) => sum + of(wanted[at]?.[place] as number, given(z)), 0) / 3);

  it('is the mean of the squares for each sample, after the activation', () => {
    const square = (value: number, given: number) => (value - given) ** 2;
    for (const [activation, given] of [
      ['sigmoid', sigmoid],
      [null, (value: number) => value],
      ['linear', (value: number) => value],
    ] as const) {
      for (const [index, value] of valueLoss('mean_squared_error', logits, activation).entries()) {
        expect(value).toBeCloseTo(mean(square, given)[index] as number, 5);
      }
    }
  });

  it('is the mean of the log loss for each sample, from logits or from what they become', () => {
    const logLoss = (value: number, p: number) => -(value * Math.log(p) + (1 - value) * Math.log(1 - p));
    const probabilities = logits.map((row) => row.map(sigmoid));
    for (const values of [
      valueLoss('binary_crossentropy', logits, 'sigmoid'),
      valueLoss('binary_crossentropy', probabilities, null),
    ]) {
      for (const [index, value] of values.entries()) {
        expect(value).toBeCloseTo(mean(logLoss, sigmoid)[index] as number, 5);
      }
    }
  });
});

describe('the scores of an output', () => {
  it('are probabilities, whatever the network ends with', () => {
    const scores = (loss: LossName, output: number[][], activation: OutputActivation): number[] =>
      tf.tidy(() => [...asScores(tf, tf.tensor2d(output), loss, activation).dataSync()]);
    const expected = softmax([1, 2, 3]);
    for (const activation of ['linear', 'softmax'] as const) {
      for (const [index, value] of scores('categorical_crossentropy', [[1, 2, 3]], activation).entries()) {
        expect(value).toBeCloseTo(expected[index] as number, 6);
      }
    }
    expect(scores('binary_crossentropy', [[0]], 'linear')).toEqual([0.5]);
    expect(scores('binary_crossentropy', [[0.25]], null)).toEqual([0.25]);
  });
});
