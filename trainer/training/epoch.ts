import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Batch } from '../components/batch.ts';
import type { SampleGenerator } from '../components/sample.ts';
import { type BatchOptions, batchesOf } from '../data/batches.ts';
import type { Meter } from '../evaluation/meter.ts';
import type { Task } from '../evaluation/tasks/task.ts';
import type { Tensor2D, TensorFlow } from '../tensorflow/library.ts';
import { type StepResult, type StepSetup, trainingStep } from './step.ts';

/** What an epoch trains with. */
export interface EpochSetup extends StepSetup {
  /** What the network is for. */
  readonly task: Task;
  readonly tf: TensorFlow;
  /** The epoch's samples in their order. */
  readonly samples: SampleGenerator;
  readonly batches: BatchOptions;
  /** Steps of all epochs before this one. */
  readonly stepsBefore: number;
  /** Steps that this epoch has at most. */
  readonly stepsAtMost: number;
  /** The learning rate of a step, counted from 1 over all epochs. */
  readonly learningRateAt: (step: number) => number;
  /** Told what the samples were given when each was trained on. */
  readonly meter: Meter;
  readonly signal?: AbortSignal;
  readonly onBatch?: (done: number, total: number) => void;
}

/** Scores stay on the device until there are so many of them: to read each at once would hold up the next step. */
const valuesHeldAtMost = 65_536;

function runStep(setup: EpochSetup, batch: Batch, step: number): StepResult {
  const { tf, task, batches, learningRateAt } = setup;
  return tf.tidy(() => {
    const inputs = tf.tensor(batch.inputs, [batch.size, ...batch.shape]);
    return trainingStep(tf, setup, {
      inputs,
      targets: task.targets(tf, batch, inputs),
      weights: tf.tensor1d(batch.weights),
      learningRate: tf.scalar(learningRateAt(step)),
      step: tf.scalar(step, 'int32'),
      seed: tf.scalar(batches.seed, 'int32'),
    });
  });
}

/**
 * Trains once on every sample. Yields to the event loop after each batch, and throws the signal's reason there. Returns
 * how many steps and samples there were.
 */
export async function trainEpoch(setup: EpochSetup): Promise<{ readonly steps: number; readonly samples: number }> {
  const { batches, stepsBefore, stepsAtMost, signal } = setup;
  const total = Math.min(stepsAtMost, Math.ceil(setup.samples.count / batches.batchSize));
  const held: { readonly batch: Batch; readonly scores: Tensor2D }[] = [];
  let [steps, samples] = [0, 0];
  try {
    for await (const { batch } of batchesOf(setup.samples, batches)) {
      const { loss, scores } = runStep(setup, batch, stepsBefore + steps + 1);
      loss.dispose();
      held.push({ batch, scores });
      steps += 1;
      samples += batch.size;
      if (held.length * scores.size >= valuesHeldAtMost) await measure(setup, held);
      setup.onBatch?.(steps, total);
      await nextTurn();
      signal?.throwIfAborted();
      if (steps >= total) break;
    }
    await measure(setup, held);
    return { steps, samples };
  } finally {
    setup.tf.dispose(held.map(({ scores }) => scores));
  }
}

/** Reads what is held, in its order, and lets it go. */
async function measure(
  { meter }: EpochSetup,
  held: { readonly batch: Batch; readonly scores: Tensor2D }[],
): Promise<void> {
  for (const { batch, scores } of held.splice(0)) {
    try {
      meter.add(batch, (await scores.data()) as Float32Array);
    } finally {
      scores.dispose();
    }
  }
}
