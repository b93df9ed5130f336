import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Batch } from '../components/batch.ts';
import type { SampleGenerator } from '../components/sample.ts';
import { type BatchOptions, batchesOf } from '../data/batches.ts';
import type { Meter } from '../evaluation/meter.ts';
import type { Task } from '../evaluation/tasks/task.ts';
import type { TensorFlow } from '../tensorflow/library.ts';
import { type StepResult, type StepSetup, trainingStep } from './step.ts';

/** How far an epoch is. */
export interface EpochProgress {
  readonly steps: number;
  readonly samples: number;
}

/** The first batch whose loss is no finite number. */
export interface BrokenBatch {
  /** Counted over all epochs. */
  readonly step: number;
  readonly ids: readonly string[];
}

/** What an epoch trains with. */
export interface EpochSetup extends StepSetup {
  /** What the network is for. */
  readonly task: Task;
  readonly tf: TensorFlow;
  /** The epoch's samples in their order. */
  readonly samples: SampleGenerator;
  readonly batches: BatchOptions;
  /** What was trained of this epoch before it was interrupted. */
  readonly done: EpochProgress;
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
  /** Awaited after each step, counted over all epochs. `settle` has the meter told of everything up to it. */
  readonly onStep?: (settle: () => Promise<EpochProgress>, step: number) => Promise<void>;
}

/** What was run and has not been read: to read each at once would hold up the next step. */
interface Held {
  readonly step: number;
  readonly batch: Batch;
  readonly ids: readonly string[];
  readonly result: StepResult;
}

const valuesHeldAtMost = 65_536;
const stepsHeldAtMost = 256;
/** 64 MiB of inputs, which are held beside what was made of them: of large images few batches are that much. */
const inputValuesHeldAtMost = 16 * 1024 * 1024;

/** Whether what is held, a batch as large as this one for each step, is enough to be read. */
function isEnough(steps: number, { inputs }: Batch, { scores }: StepResult): boolean {
  return (
    steps >= stepsHeldAtMost ||
    steps * scores.size >= valuesHeldAtMost ||
    steps * inputs.length >= inputValuesHeldAtMost
  );
}

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
 * Trains on every sample that is left of an epoch. Yields to the event loop after each batch, and throws the signal's
 * reason there. A loss that is no finite number ends the epoch, since there is no way back from it: known when the scores
 * are next read, at the latest 256 steps later. Returns how many steps and samples there were of the whole epoch.
 */
export async function trainEpoch(setup: EpochSetup): Promise<EpochProgress & { readonly broken: BrokenBatch | null }> {
  const { batches, stepsBefore, stepsAtMost, signal } = setup;
  const total = Math.min(stepsAtMost, Math.ceil(setup.samples.count / batches.batchSize));
  const held: Held[] = [];
  let { steps, samples } = setup.done;
  let broken: BrokenBatch | null = null;
  const settle = async (): Promise<EpochProgress> => {
    broken ??= await measure(setup, held);
    return { steps, samples };
  };
  if (steps >= total) return { steps, samples, broken };
  try {
    for await (const { batch, samples: members } of batchesOf(skipping(setup.samples, samples), batches)) {
      const step = stepsBefore + steps + 1;
      const result = runStep(setup, batch, step);
      held.push({ step, batch, ids: members.map(({ id }) => id), result });
      steps += 1;
      samples += batch.size;
      if (isEnough(held.length, batch, result)) await settle();
      setup.onBatch?.(steps, total);
      await nextTurn();
      await setup.onStep?.(settle, step);
      signal?.throwIfAborted();
      if (steps >= total || broken !== null) break;
    }
    return { ...(await settle()), broken };
  } finally {
    setup.tf.dispose(held.map(({ result }) => result));
  }
}

/** Reads what is held, in its order, and lets it go. Returns the first batch whose loss is lost. */
async function measure({ meter }: EpochSetup, held: Held[]): Promise<BrokenBatch | null> {
  let broken: BrokenBatch | null = null;
  for (const { step, batch, ids, result } of held.splice(0)) {
    try {
      const [loss, scores] = await Promise.all([result.loss.data(), result.scores.data()]);
      meter.add(batch, scores as Float32Array);
      if (!Number.isFinite(loss[0])) broken ??= { step, ids };
    } finally {
      result.loss.dispose();
      result.scores.dispose();
    }
  }
  return broken;
}

/** All but the first samples. */
function skipping(samples: SampleGenerator, count: number): SampleGenerator {
  if (count === 0) return samples;
  return {
    count: samples.count - count,
    async *[Symbol.asyncIterator]() {
      let place = 0;
      for await (const sample of samples) {
        if (place >= count) yield sample;
        place += 1;
      }
    },
  };
}
