import { describe, expect, it } from 'vitest';
import type { Batch } from '../../../../trainer/components/batch.ts';
import { generatorOf, type Sample } from '../../../../trainer/components/sample.ts';
import { OrientationAugmentor } from '../../../../trainer/data/augmentors/orientation.ts';
import { type BatchOptions, batchesOf } from '../../../../trainer/data/batches.ts';
import { StandardPreprocessor } from '../../../../trainer/data/preprocessors/standard.ts';

const samples: Sample[] = Array.from({ length: 10 }, (_, index) => ({
  id: `s${index}`,
  pixels: Uint8Array.from([index, 255 - index]),
  height: 1,
  width: 2,
  channels: 1,
  label: index % 2,
  weight: 1 + index,
}));

const preprocessor = new StandardPreprocessor();

async function batches(given: readonly Sample[], options: Partial<BatchOptions> = {}): Promise<Batch[]> {
  const all: Batch[] = [];
  const usual = { preprocessor, augmentor: null, batchSize: 4, seed: 1, epoch: 1 };
  for await (const { batch } of batchesOf(generatorOf(given), { ...usual, ...options })) all.push(batch);
  return all;
}

describe('the standard preprocessor', () => {
  const ends: Sample = { ...(samples[3] as Sample), pixels: Uint8Array.from([0, 255]) };

  it('scales bytes to -1 to 1 and keeps labels and weights beside them', () => {
    const batch = preprocessor.batchify([ends, samples[4] as Sample]);
    expect([...batch.inputs.subarray(0, 2)]).toEqual([-1, 1]);
    expect(batch).toMatchObject({ size: 2, shape: [1, 2, 1] });
    expect([...batch.targets]).toEqual([1, 0]);
    expect([...batch.weights]).toEqual([4, 5]);
  });

  it.each([
    ['centered', [-1, 1]],
    ['unit', [0, 1]],
    ['none', [0, 65_535]],
  ])('scales 16 bits by %s, and leaves numbers as they are', (scaling, expected) => {
    const scaled = new StandardPreprocessor({ scaling });
    const deep: Sample = { ...ends, pixels: Uint16Array.from([0, 65_535]) };
    expect([...scaled.batchify([deep]).inputs]).toEqual(expected);
    const numbers: Sample = { ...ends, pixels: Float32Array.from([-3, 7.5]) };
    expect([...scaled.batchify([numbers]).inputs]).toEqual([-3, 7.5]);
  });

  it('brings back to bytes what it scaled', () => {
    for (const scaling of ['centered', 'unit', 'none']) {
      const scaled = new StandardPreprocessor({ scaling });
      const { inputs } = scaled.batchify([samples[7] as Sample]);
      expect([...scaled.toBytes(inputs, samples[7] as Sample)]).toEqual([7, 248]);
      const deep: Sample = { ...ends, pixels: Uint16Array.from([257, 65_535]) };
      expect([...scaled.toBytes(scaled.batchify([deep]).inputs, deep)]).toEqual([1, 255]);
    }
    const numbers: Sample = { ...ends, pixels: Float32Array.from([-3, 7]) };
    expect([...preprocessor.toBytes(preprocessor.batchify([numbers]).inputs, numbers)]).toEqual([0, 255]);
  });

  it('refuses a scaling that there is not', () => {
    expect(() => new StandardPreprocessor({ scaling: 'wide' })).toThrow();
  });
});

describe('the batches of a pass', () => {
  it('hold every sample once, the last batch what is left', async () => {
    const all = await batches(samples);
    expect(all.map(({ size }) => size)).toEqual([4, 4, 2]);
    expect(all.flatMap((batch) => [...batch.weights])).toEqual(samples.map(({ weight }) => weight));
  });

  it('hold an image changed by its own key, whatever stands beside it', async () => {
    const options = { augmentor: new OrientationAugmentor(), epoch: 3 };
    const [alone] = await batches([samples[5] as Sample], { ...options, batchSize: 1 });
    const [together] = await batches(samples, { ...options, batchSize: 10 });
    expect([...(alone?.inputs ?? [])]).toEqual([...(together?.inputs.subarray(10, 12) ?? [])]);
    const [later] = await batches(samples, { ...options, batchSize: 10, epoch: 4 });
    expect(later?.inputs).not.toEqual(together?.inputs);
  });
});
