import { beforeAll, describe, expect, it } from 'vitest';
import { generatorOf } from '../../../../trainer/components/sample.ts';
import { StandardPreprocessor } from '../../../../trainer/data/preprocessors/standard.ts';
import type { Meter } from '../../../../trainer/evaluation/meter.ts';
import { classification } from '../../../../trainer/evaluation/tasks/classification.ts';
import type { TensorFlow } from '../../../../trainer/tensorflow/library.ts';
import { trainEpoch } from '../../../../trainer/training/epoch.ts';
import { quietTensorFlow } from '../../../support/tensorflow.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = quietTensorFlow();
  await tf.ready();
});

/** After each of four steps, how many batches the meter was told of. */
async function toldAfterSteps(side: number): Promise<number[]> {
  const pixels = new Uint8Array(side * side);
  const samples = generatorOf(
    Array.from({ length: 16 }, (_, index) => ({
      ...{ id: `${index}`, label: index % 2, weight: 1 },
      ...{ pixels, height: side, width: side, channels: 1 },
    })),
  );
  const model = tf.sequential({
    layers: [
      tf.layers.globalAveragePooling2d({ inputShape: [side, side, 1] }),
      tf.layers.dense({ units: 1, activation: 'sigmoid' }),
    ],
  });
  let added = 0;
  const told: number[] = [];
  await trainEpoch({
    ...{ tf, task: classification, model, loss: 'binary_crossentropy', samples },
    ...{ labelSmoothing: 0, clipping: null, penalty: null, optimizer: { apply: () => {} } },
    batches: { preprocessor: new StandardPreprocessor(), augmentor: null, batchSize: 4, seed: 1, epoch: 1 },
    ...{ done: { steps: 0, samples: 0 }, stepsBefore: 0, stepsAtMost: Number.POSITIVE_INFINITY },
    learningRateAt: () => 0.1,
    meter: { add: () => (added += 1) } as unknown as Meter,
    onBatch: () => told.push(added),
  });
  model.dispose();
  expect(added).toBe(4);
  return told;
}

describe('an epoch', () => {
  it('runs ahead of what it reads, but not with more inputs in memory than 64 MiB', async () => {
    expect(await toldAfterSteps(4)).toEqual([0, 0, 0, 0]);
    // 32 MiB a batch.
    expect(await toldAfterSteps(1448)).toEqual([0, 0, 3, 3]);
  });
});
