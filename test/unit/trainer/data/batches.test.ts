import { describe, expect, it } from 'vitest';
import { epochBatches, epochOrder, makeBatch } from '../../../../trainer/data/batches.ts';
import type { Sample } from '../../../../trainer/data/sample.ts';

const samples: Sample[] = Array.from({ length: 10 }, (_, index) => ({
  id: `s${index}`,
  pixels: Uint8Array.from([index, 255 - index]),
  height: 1,
  width: 2,
  channels: 1,
  label: index % 2,
  weight: 1 + index,
}));

describe('makeBatch', () => {
  it('scales bytes to -1 to 1 and keeps labels and weights beside them', () => {
    const ends: Sample = { ...(samples[3] as Sample), pixels: Uint8Array.from([0, 255]) };
    const batch = makeBatch([ends, samples[4] as Sample]);
    expect([...batch.pixels.subarray(0, 2)]).toEqual([-1, 1]);
    expect([...batch.labels]).toEqual([1, 0]);
    expect([...batch.weights]).toEqual([4, 5]);
    expect(batch.size).toBe(2);
  });
});

describe('epochBatches', () => {
  it('holds every sample once, the last batch what is left', () => {
    const ordered = epochOrder(samples, 1, 1);
    const batches = [...epochBatches(ordered, { batchSize: 4, seed: 1, epoch: 1, augment: false })];
    expect(batches.map(({ size }) => size)).toEqual([4, 4, 2]);
    const weights = batches.flatMap((batch) => [...batch.weights]);
    expect(weights).toEqual(ordered.map(({ weight }) => weight));
    expect([...weights].sort((a, b) => a - b)).toEqual(samples.map(({ weight }) => weight));
  });

  it('orders by seed and epoch alone', () => {
    const ids = (seed: number, epoch: number): string => String(epochOrder(samples, seed, epoch).map(({ id }) => id));
    expect(ids(1, 1)).toBe(ids(1, 1));
    expect(ids(1, 2)).not.toBe(ids(1, 1));
    expect(ids(2, 1)).not.toBe(ids(1, 1));
  });

  it('changes an image by its own key, whatever stands beside it', () => {
    const options = { seed: 1, epoch: 3, augment: true };
    const [alone] = [...epochBatches([samples[5] as Sample], { ...options, batchSize: 1 })];
    const [together] = [...epochBatches(samples, { ...options, batchSize: 10 })];
    expect([...(alone?.pixels ?? [])]).toEqual([...(together?.pixels.subarray(10, 12) ?? [])]);
  });
});
