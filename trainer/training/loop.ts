import type { BatchOptions } from '../data/batches.ts';
import { withClassWeights } from '../data/class-weights.ts';
import { type Dataset, samplesOf } from '../data/dataset.ts';
import type { Meter } from '../evaluation/meter.ts';
import { withPrefix } from '../evaluation/model-metrics.ts';
import { scoreSamples } from '../evaluation/score.ts';
import type { Task } from '../evaluation/tasks/task.ts';
import type { TensorFlow } from '../tensorflow/library.ts';
import { brokenLoss } from './divergence.ts';
import { trainEpoch } from './epoch.ts';
import type { EpochRecord } from './history.ts';
import type { StepSetup } from './step.ts';

/** What a training needs and whom it tells. */
export interface TrainingOptions extends StepSetup {
  readonly tf: TensorFlow;
  /** What the network is for: what is measured of it. */
  readonly task: Task;
  readonly dataset: Dataset;
  /** Of each class in the loss; null where all count by their samples. */
  readonly classWeights: readonly number[] | null;
  readonly batches: Omit<BatchOptions, 'epoch'>;
  readonly epochs: number;
  /** Training steps in all, however many epochs; 0 means no bound. */
  readonly maxSteps: number;
  /** The learning rate of a step, counted from 1 over all epochs. */
  readonly learningRateAt: (step: number) => number;
  readonly signal?: AbortSignal;
  readonly onBatch?: (epoch: number, done: number, total: number) => void;
  /**
   * Waited for before the next epoch; true ends the training. `validationScores` is what the task keeps of the validation
   * samples in their order, [samples, values].
   */
  readonly onEpoch?: (
    record: EpochRecord,
    validationScores: Float32Array,
  ) => Promise<boolean | undefined> | boolean | undefined;
}

interface EpochResult {
  readonly record: EpochRecord;
  readonly validation: Meter;
  readonly steps: number;
}

async function runEpoch(options: TrainingOptions, epoch: number, stepsBefore: number): Promise<EpochResult> {
  const { tf, task, model, loss, dataset, classWeights, learningRateAt, maxSteps, onBatch, signal } = options;
  const { classNames } = dataset;
  const watched = signal === undefined ? {} : { signal };
  const batches = { ...options.batches, epoch };
  const training = task.createMeter({ classNames, loss });
  const drawn = samplesOf(dataset, 'training', epoch);
  const startedAt = performance.now();
  const { steps, samples } = await trainEpoch({
    ...{ tf, task, model, loss, batches, stepsBefore, learningRateAt, ...watched },
    labelSmoothing: options.labelSmoothing,
    clipping: options.clipping,
    optimizer: options.optimizer,
    samples: classWeights === null ? drawn : withClassWeights(drawn, classWeights),
    stepsAtMost: maxSteps === 0 ? Number.POSITIVE_INFINITY : maxSteps - stepsBefore,
    meter: training,
    onBatch: (done, total) => onBatch?.(epoch, done, total),
  });
  const trainingSeconds = (performance.now() - startedAt) / 1000;
  const validation = task.createMeter({ classNames, loss });
  await scoreSamples(samplesOf(dataset, 'validation'), validation, { tf, model, loss, batches, ...watched });
  const measured = validation.metrics();
  const values = {
    ...training.metrics(),
    ...withPrefix(measured, 'val_'),
    val_loss: measured.loss,
    learning_rate: learningRateAt(stepsBefore + steps),
    epoch_seconds: (performance.now() - startedAt) / 1000,
    samples_per_second: samples / trainingSeconds,
  };
  return { record: { epoch, values }, validation, steps };
}

/**
 * Trains a network for a number of epochs; after one whose loss is no finite number there is no further one, since
 * weights that are NaN stay so. Equal options give equal metrics on the same machine and threads, but for the times.
 * Throws the signal's reason after the batch in which it was given.
 */
export async function trainModel(options: TrainingOptions): Promise<EpochRecord[]> {
  const { epochs, maxSteps } = options;
  const history: EpochRecord[] = [];
  let stepsBefore = 0;
  for (let epoch = 1; epoch <= epochs && (maxSteps === 0 || stepsBefore < maxSteps); epoch += 1) {
    const { record, validation, steps } = await runEpoch(options, epoch, stepsBefore);
    stepsBefore += steps;
    history.push(record);
    const isEnough = await options.onEpoch?.(record, validation.scores());
    if (isEnough === true || brokenLoss(record) !== null) break;
  }
  return history;
}
