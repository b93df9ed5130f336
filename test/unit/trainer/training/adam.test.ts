import { beforeAll, describe, expect, it } from 'vitest';
import type { TensorFlow } from '../../../../trainer/tensorflow/library.ts';
import { applyAdam, createAdamState, disposeAdamState } from '../../../../trainer/training/adam.ts';
import { quietTensorFlow } from '../../../support/tensorflow.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = quietTensorFlow();
  await tf.ready();
});

const start = [0.5, -1, 2];
const gradients = [
  [0.1, -2, 0.003],
  [0.3, -1, -0.001],
  [-0.2, 4, 0.5],
  [0.05, 0.1, 0],
];

/** The algorithm as the paper writes it, in double precision. */
function reference(learningRates: readonly number[]): number[] {
  return start.map((value, index) => {
    let [weight, first, second] = [value, 0, 0];
    for (const [past, rate] of learningRates.entries()) {
      const gradient = gradients[past]?.[index] as number;
      first = 0.9 * first + 0.1 * gradient;
      second = 0.999 * second + 0.001 * gradient ** 2;
      const corrected = (rate * Math.sqrt(1 - 0.999 ** (past + 1))) / (1 - 0.9 ** (past + 1));
      weight -= (corrected * first) / (Math.sqrt(second) + 1e-7);
    }
    return weight;
  });
}

function run(learningRates: readonly number[]): number[] {
  return tf.tidy(() => {
    const variable = tf.variable(tf.tensor1d(start));
    const state = createAdamState(tf, [variable]);
    for (const [index, rate] of learningRates.entries()) {
      const gradient = tf.tensor1d(gradients[index] as number[]);
      applyAdam(tf, state, [variable], [gradient], tf.scalar(rate), tf.scalar(index + 1, 'int32'));
    }
    const result = [...variable.dataSync()];
    disposeAdamState(state);
    variable.dispose();
    return result;
  });
}

describe('applyAdam', () => {
  it.each([
    ['a constant', [0.01, 0.01, 0.01, 0.01]],
    ['a changing', [0.1, 0.01, 0.05, 0.001]],
  ])('follows the published algorithm with %s learning rate', (_, rates) => {
    for (const [index, value] of run(rates).entries()) expect(value).toBeCloseTo(reference(rates)[index] as number, 5);
  });

  it('leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    run([0.01, 0.01]);
    expect(tf.memory().numTensors).toBe(before);
  });
});
