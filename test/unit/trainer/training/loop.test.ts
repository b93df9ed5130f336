import { beforeAll, describe, expect, it } from 'vitest';
import { plainSetup } from '../../../../trainer/components/index.ts';
import type { Sample } from '../../../../trainer/components/sample.ts';
import { OrientationAugmentor } from '../../../../trainer/data/augmentors/orientation.ts';
import { StandardPreprocessor } from '../../../../trainer/data/preprocessors/standard.ts';
import { classification } from '../../../../trainer/evaluation/tasks/classification.ts';
import { ConvolutionalBuilder } from '../../../../trainer/models/convolutional.ts';
import { trainableVariables } from '../../../../trainer/network/forward.ts';
import { randomSource } from '../../../../trainer/random.ts';
import type { TensorFlow } from '../../../../trainer/tensorflow/library.ts';
import { type EpochRecord, epochMetricNamesOf } from '../../../../trainer/training/history.ts';
import { type TrainingOptions, trainModel } from '../../../../trainer/training/loop.ts';
import { adam } from '../../../../trainer/training/optimizers/adam.ts';
import { listDataset } from '../../../support/list-loader.ts';
import { plainTraining } from '../../../support/plain-training.ts';
import { quietTensorFlow } from '../../../support/tensorflow.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = quietTensorFlow();
  await tf.ready();
});

/** Bright images are positive; the noise makes some doubtful. */
function samples(count: number, name: string): Sample[] {
  return Array.from({ length: count }, (_, index) => {
    const random = randomSource(name, index);
    const label = index % 2;
    const pixels = Uint8Array.from({ length: 64 }, () => 60 + 60 * label + random.integer(100));
    return { id: `${name}${index}`, pixels, height: 8, width: 8, channels: 1, label, weight: 1 };
  });
}

async function train(
  options: Partial<TrainingOptions> & { readonly seed?: number } = {},
): Promise<readonly EpochRecord[]> {
  const { seed = 1, ...rest } = options;
  const builder = new ConvolutionalBuilder({ convolutions: 1 }, { ...plainSetup, seed });
  const { model, loss } = builder.getCompiledModel({ tf, inputShape: [8, 8, 1], classes: 2 });
  const optimizer = adam.create(tf, trainableVariables(model), adam.parameters.parse({}));
  const parts = { training: samples(70, 'training'), validation: samples(20, 'validation') };
  const [preprocessor, augmentor] = [new StandardPreprocessor(), new OrientationAugmentor()];
  try {
    return await trainModel({
      ...{
        tf,
        task: classification,
        model,
        loss,
        optimizer,
        ...plainTraining,
      },
      ...{ epochs: 2 },
      dataset: await listDataset(parts, ['dark', 'bright'], seed),
      batches: { preprocessor, augmentor, batchSize: 16, seed },
      learningRateAt: () => 0.003,
      ...rest,
    });
  } finally {
    optimizer.dispose();
    model.dispose();
  }
}

/** Everything but how long it took. */
function withoutTimes(history: readonly EpochRecord[]): object[] {
  return history.map(({ values: { epoch_seconds: _, samples_per_second: __, ...rest } }) => rest);
}

describe('trainModel', () => {
  it('gives every metric of each epoch, for training and validation, and learns', async () => {
    const history = await train({ epochs: 4 });
    expect(history.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
    const metrics = ['loss', 'accuracy', 'auc', 'precision', 'recall'];
    expect(Object.keys(history[0]?.values ?? {})).toEqual(epochMetricNamesOf(classification));
    expect(epochMetricNamesOf(classification)).toEqual([
      ...metrics,
      ...metrics.map((key) => `val_${key}`),
      'learning_rate',
      'epoch_seconds',
      'samples_per_second',
    ]);
    expect(history.at(-1)?.values.val_accuracy).toBeGreaterThan(0.9);
    expect(history.at(-1)?.values.loss).toBeLessThan(history[0]?.values.loss as number);
  });

  it('measures what a network brings besides, of training and validation', async () => {
    const wrong = (yTrue: Float32Array, yPred: Float32Array): number =>
      Number(yTrue.indexOf(1) !== yPred.indexOf(Math.max(...yPred)));
    const [first] = await train({ epochs: 1, metrics: { wrong } });
    expect(first?.values.wrong).toBeCloseTo(1 - (first?.values.accuracy as number), 6);
    expect(first?.values.val_wrong).toBeCloseTo(1 - (first?.values.val_accuracy as number), 6);
  });

  it('gives equal numbers for equal seeds, and other numbers for other seeds', async () => {
    const first = withoutTimes(await train());
    expect(withoutTimes(await train())).toEqual(first);
    expect(withoutTimes(await train({ seed: 2 }))).not.toEqual(first);
  });

  it('counts batches, the last and smaller one too', async () => {
    const seen: string[] = [];
    await train({ onBatch: (epoch, done, total) => seen.push(`${epoch}: ${done}/${total}`) });
    expect(seen).toHaveLength(10);
    expect(seen[0]).toBe('1: 1/5');
    expect(seen.at(-1)).toBe('2: 5/5');
  });

  it('stops after the batch in which it is asked to, without a further epoch', async () => {
    const controller = new AbortController();
    const epochs: number[] = [];
    let batches = 0;
    const stopped = train({
      signal: controller.signal,
      onEpoch: ({ epoch }) => {
        epochs.push(epoch);
        return false;
      },
      onBatch: (epoch, done) => {
        batches += 1;
        if (epoch === 2 && done === 2) controller.abort(new Error('asked to stop'));
      },
    });
    await expect(stopped).rejects.toThrow('asked to stop');
    expect(epochs).toEqual([1]);
    expect(batches).toBe(7);
  });

  it('lets other work of the process run between any two batches', async () => {
    const seen: string[] = [];
    await train({
      epochs: 1,
      onBatch: (_, done) => {
        seen.push(`batch ${done}`);
        setImmediate(() => seen.push(`other work ${done}`));
      },
    });
    expect(seen).toEqual([1, 2, 3, 4, 5].flatMap((batch) => [`batch ${batch}`, `other work ${batch}`]));
  });

  it('has no further epoch after one whose loss is no finite number', async () => {
    const told: EpochRecord[] = [];
    const history = await train({
      epochs: 3,
      learningRateAt: () => Number.NaN,
      onEpoch: (record) => {
        told.push(record);
        return false;
      },
    });
    expect(told.map(({ epoch }) => epoch)).toEqual([1]);
    expect(history).toEqual(told);
    expect(history[0]?.values.loss).toBeNaN();
  });

  it('waits for what is done with an epoch, and hands over the scores of the validation samples', async () => {
    const seen: string[] = [];
    await train({
      onBatch: (epoch, done) => {
        if (done === 1) seen.push(`epoch ${epoch} begins`);
      },
      onEpoch: async ({ epoch }, scores) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        expect(scores).toHaveLength(20);
        expect(scores?.every((score) => score >= 0 && score <= 1)).toBe(true);
        seen.push(`epoch ${epoch} taken in`);
        return false;
      },
    });
    expect(seen).toEqual(['epoch 1 begins', 'epoch 1 taken in', 'epoch 2 begins', 'epoch 2 taken in']);
  });

  it('leaves no tensor behind, whether it ends or is stopped', async () => {
    await train();
    const before = tf.memory().numTensors;
    await train();
    expect(tf.memory().numTensors).toBe(before);
    await expect(train({ signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop');
    expect(tf.memory().numTensors).toBe(before);
  });
});
