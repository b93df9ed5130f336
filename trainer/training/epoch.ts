import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Batch, epochBatches, epochOrder } from '../data/batches.ts';
import type { Sample } from '../data/sample.ts';
import type { LayersModel, Tensor1D, TensorFlow } from '../tensorflow/library.ts';
import type { AdamState } from './adam.ts';
import { type StepResult, trainingStep } from './step.ts';

/** What an epoch trains with. */
export interface EpochSetup {
  readonly tf: TensorFlow;
  readonly model: LayersModel;
  readonly adam: AdamState;
  readonly samples: readonly Sample[];
  readonly batchSize: number;
  readonly learningRate: number;
  readonly seed: number;
  readonly augment: boolean;
  /** From 1. */
  readonly epoch: number;
  readonly signal?: AbortSignal;
  readonly onBatch?: (done: number, total: number) => void;
}

/** The scores of an epoch's samples as they were when each was trained on. */
export interface EpochScores {
  readonly labels: readonly number[];
  readonly scores: Float32Array;
}

function runStep(setup: EpochSetup, batch: Batch, step: number): StepResult {
  const { tf, model, adam, samples, learningRate, seed } = setup;
  const { height, width, channels } = samples[0] as Sample;
  return tf.tidy(() =>
    trainingStep(tf, model, adam, {
      pixels: tf.tensor4d(batch.pixels, [batch.size, height, width, channels]),
      labels: tf.tensor1d(batch.labels),
      weights: tf.tensor1d(batch.weights),
      learningRate: tf.scalar(learningRate),
      step: tf.scalar(step, 'int32'),
      seed: tf.scalar(seed, 'int32'),
    }),
  );
}

/** Trains once on every sample. Yields to the event loop after each batch, and throws the signal's reason there. */
export async function trainEpoch(setup: EpochSetup): Promise<EpochScores> {
  const { tf, samples, batchSize, seed, epoch, augment, signal } = setup;
  const ordered = epochOrder(samples, seed, epoch);
  const total = Math.ceil(ordered.length / batchSize);
  const batchScores: Tensor1D[] = [];
  try {
    for (const batch of epochBatches(ordered, { batchSize, seed, epoch, augment })) {
      const { loss, scores } = runStep(setup, batch, (epoch - 1) * total + batchScores.length + 1);
      loss.dispose();
      batchScores.push(scores);
      setup.onBatch?.(batchScores.length, total);
      await nextTurn();
      signal?.throwIfAborted();
    }
    const all = tf.tidy(() => tf.concat(batchScores));
    const scores = (await all.data()) as Float32Array;
    all.dispose();
    return { labels: ordered.map((sample) => sample.label), scores };
  } finally {
    tf.dispose(batchScores);
  }
}
