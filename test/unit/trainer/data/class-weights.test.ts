import { expect, it } from 'vitest';
import { generatorOf } from '../../../../trainer/components/index.ts';
import { balancedWeights, withClassWeights } from '../../../../trainer/data/class-weights.ts';
import { allSamples } from '../../../support/list-loader.ts';

it('balanced weights make each class count the same', () => {
  const labels = Int32Array.from([0, 0, 0, 0, 0, 0, 1, 1]);
  expect(balancedWeights(labels, 2)).toEqual([8 / 12, 2]);
  expect(balancedWeights(labels, 3)[2]).toBe(0);
});

it('the weight of a class multiplies that of a sample', async () => {
  const sample = { id: 'a', pixels: new Uint8Array(1), height: 1, width: 1, channels: 1, label: 1, weight: 3 };
  const weighted = withClassWeights(generatorOf([sample, { ...sample, label: 0 }]), [0.5, 2]);
  expect(weighted.count).toBe(2);
  expect((await allSamples(weighted)).map(({ weight }) => weight)).toEqual([6, 1.5]);
});
