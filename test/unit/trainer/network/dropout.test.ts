import { beforeAll, describe, expect, it } from 'vitest';
import { dropout } from '../../../../trainer/network/dropout.ts';
import type { Tensor, TensorFlow } from '../../../../trainer/tensorflow/library.ts';
import { quietTensorFlow } from '../../../support/tensorflow.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = quietTensorFlow();
  await tf.ready();
});

function dropped(input: Tensor, rate: number, seed: number, step: number, layer = 0): Tensor {
  return dropout(tf, input, rate, { seed: tf.scalar(seed, 'int32'), step: tf.scalar(step, 'int32'), layer });
}

function mask(seed: number, step: number, layer = 0): string {
  return tf.tidy(() => String(dropped(tf.ones([4, 64]), 0.5, seed, step, layer).dataSync()));
}

describe('dropout', () => {
  it('zeroes the share it is told to and scales the rest, so that the mean stays', () => {
    const values = tf.tidy(() => dropped(tf.ones([100, 1000]), 0.25, 1, 1).dataSync());
    expect(new Set(values)).toEqual(new Set([0, Math.fround(1 / 0.75)]));
    expect(values.filter((value) => value === 0).length / values.length).toBeCloseTo(0.25, 2);
  });

  it('has a mask of its own for every seed, step and layer, and the same for equal ones', () => {
    const masks = [mask(1, 1), mask(2, 1), mask(1, 2), mask(1, 1, 1)];
    expect(new Set(masks).size).toBe(4);
    expect(mask(1, 1)).toBe(masks[0]);
  });

  it('lets the gradient through where it let the value through', () => {
    tf.tidy(() => {
      const input = tf.ones([1, 50]);
      const output = dropped(input, 0.5, 3, 3);
      const gradient = tf.grad((values) => dropped(values, 0.5, 3, 3).sum())(input);
      expect([...gradient.dataSync()]).toEqual([...output.dataSync()]);
    });
  });

  it('leaves one tensor behind', () => {
    const input = tf.ones([2, 2]);
    const key = { seed: tf.scalar(1, 'int32'), step: tf.scalar(1, 'int32'), layer: 0 };
    const before = tf.memory().numTensors;
    const output = dropout(tf, input, 0.5, key);
    expect(tf.memory().numTensors).toBe(before + 1);
    tf.dispose([input, key.seed, key.step, output]);
  });
});
