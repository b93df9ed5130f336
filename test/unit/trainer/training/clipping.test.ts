import { beforeAll, describe, expect, it } from 'vitest';
import type { TensorFlow } from '../../../../trainer/tensorflow/library.ts';
import { type Clipping, clipGradients } from '../../../../trainer/training/clipping.ts';
import { quietTensorFlow } from '../../../support/tensorflow.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = quietTensorFlow();
  await tf.ready();
});

function clipped(gradients: readonly (readonly number[])[], by: Clipping['by'], limit: number): number[][] {
  return tf.tidy(() => {
    const tensors = gradients.map((values) => tf.tensor1d([...values]));
    return clipGradients(tf, tensors, { by, limit }).map((gradient) => [...gradient.dataSync()]);
  });
}

const plain = [
  [3, -4],
  [0.5, -0.25, 0.125],
];
const none = [
  [0, 0],
  [0, 0, 0],
];
const infinite = [
  [Number.POSITIVE_INFINITY, 1],
  [1, 2, 3],
];
const { NaN: nan } = Number;

// As `keras.optimizers.SGD(clipvalue=2.5)._clip_gradients` of Keras 3.15.1 gives them, and the same with `clipnorm` and
// `global_clipnorm`.
const cases: readonly [Clipping['by'], number, readonly number[][], readonly number[][]][] = [
  ['value', 2.5, plain, [[2.5, -2.5], plain[1] as number[]]],
  ['value', 2.5, none, none],
  [
    'value',
    2.5,
    infinite,
    [
      [2.5, 1],
      [1, 2, 2.5],
    ],
  ],
  ['norm', 2, plain, [[1.2000000476837158, -1.600000023841858], plain[1] as number[]]],
  ['norm', 2, none, none],
  [
    'norm',
    2,
    infinite,
    [
      [nan, 0],
      [0.5345224738121033, 1.0690449476242065, 1.603567361831665],
    ],
  ],
  ['norm', 100, plain, plain],
  [
    'global_norm',
    2,
    plain,
    [
      [1.1922017335891724, -1.5896023511886597],
      [0.19870029389858246, -0.09935014694929123, 0.049675073474645615],
    ],
  ],
  ['global_norm', 2, none, none],
  [
    'global_norm',
    2,
    infinite,
    [
      [nan, nan],
      [nan, nan, nan],
    ],
  ],
  ['global_norm', 100, plain, plain],
];

describe('clipping', () => {
  it.each(cases)('by %s, with limit %d, gives what Keras gives of %j', (by, limit, gradients, expected) => {
    const given = clipped(gradients, by, limit);
    expect(given.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
    for (const [index, value] of given.flat().entries()) {
      const wanted = expected.flat()[index] as number;
      if (Number.isNaN(wanted)) expect(value).toBeNaN();
      else expect(Math.abs(value - wanted)).toBeLessThanOrEqual(1e-6 * Math.abs(wanted));
    }
  });

  it('lets what is no number through, so that a divergence shows', () => {
    for (const by of ['value', 'norm', 'global_norm'] as const) expect(clipped([[nan, 1]], by, 1)[0]?.[0]).toBeNaN();
  });

  it('leaves nothing but the gradients that it gives', () => {
    for (const by of ['value', 'norm', 'global_norm'] as const) {
      const gradients = plain.map((values) => tf.tensor1d(values));
      const before = tf.memory().numTensors;
      const given = clipGradients(tf, gradients, { by, limit: 1 });
      expect(tf.memory().numTensors).toBe(before + gradients.length);
      tf.dispose([gradients, given]);
    }
  });
});
