import type { EvaluationFunction } from '../components/evaluator.ts';
import type { BatchOptions } from '../data/batches.ts';
import { withClassWeights } from '../data/class-weights.ts';
import { type Dataset, samplesOf } from '../data/dataset.ts';
import type { Meter } from '../evaluation/meter.ts';
import { withPrefix } from '../evaluation/model-metrics.ts';
import { scoreSamples } from '../evaluation/score.ts';
import type { Task } from '../evaluation/tasks/task.ts';
import type { TensorFlow } from '../tensorflow/library.ts';
import type { NamedTensor } from '../tensorflow/named-tensor.ts';
import { brokenLoss } from './divergence.ts';
import { type EpochProgress, trainEpoch } from './epoch.ts';
import type { EpochRecord } from './history.ts';
import type { StepSetup } from './step.ts';

/** An epoch that was begun and is not whole. */
export interface BegunEpoch extends EpochProgress {
  readonly trainingSeconds: number;
  /** What the epoch's meter was told. */
  readonly seen: readonly NamedTensor[];
}

/** How far a training is: with the weights and what optimizer and schedule keep, all that it takes to go on. */
export interface TrainingProgress {
  /** The whole epochs. */
  readonly history: readonly EpochRecord[];
  /** Steps of the whole epochs. */
  readonly steps: number;
  /** Null between epochs. */
  readonly begun: BegunEpoch | null;
}

/** What a training needs and whom it tells. */
export interface TrainingOptions extends StepSetup {
  /** What the network is for. */
  readonly task: Task;
  readonly tf: TensorFlow;
  readonly dataset: Dataset;
  /** Measured besides the metrics of the task, by name. */
  readonly metrics?: Readonly<Record<string, EvaluationFunction>>;
  /** Of each class in the loss; null where all count by their samples. */
  readonly classWeights: readonly number[] | null;
  readonly batches: Omit<BatchOptions, 'epoch'>;
  readonly epochs: number;
  /** Training steps in all, however many epochs; 0 means no bound. */
  readonly maxSteps: number;
  /** Where an interrupted training goes on; the beginning where nothing is said. */
  readonly from?: TrainingProgress;
  /** The learning rate of a step, counted from 1 over all epochs. */
  readonly learningRateAt: (step: number) => number;
  readonly signal?: AbortSignal;
  readonly onBatch?: (epoch: number, done: number, total: number) => void;
  /**
   * Awaited after each step, counted over all epochs, and when the validation is interrupted: the moments at which a
   * training can be kept.
   */
  readonly onStep?: (progress: () => Promise<TrainingProgress>, step: number) => Promise<void>;
  /**
   * Waited for before the next epoch; true ends the training. `validationScores` is what the task keeps of the
   * validation samples in their order, [samples, values].
   */
  readonly onEpoch?: (
    record: EpochRecord,
    validationScores: Float32Array,
    progress: TrainingProgress,
  ) => Promise<boolean | undefined> | boolean | undefined;
}

interface EpochResult {
  readonly record: EpochRecord;
  readonly validation: Meter;
  readonly steps: number;
}

async function runEpoch(
  options: TrainingOptions,
  { history, steps: stepsBefore, begun }: TrainingProgress,
): Promise<EpochResult> {
  const { tf, task, model, loss, dataset, classWeights, learningRateAt, maxSteps, onBatch, onStep, signal } = options;
  const { classNames } = dataset;
  const epoch = history.length + 1;
  const watched = signal === undefined ? {} : { signal };
  const batches = { ...options.batches, epoch };
  const measured = { classNames, loss, ...(options.metrics === undefined ? {} : { functions: options.metrics }) };
  const training = task.createMeter(measured);
  if (begun !== null) training.restore(begun.seen);
  const drawn = samplesOf(dataset, 'training', epoch);
  const startedAt = performance.now();
  const secondsSoFar = (): number => (begun?.trainingSeconds ?? 0) + (performance.now() - startedAt) / 1000;
  const progressAt = (done: EpochProgress): TrainingProgress => ({
    ...{ history, steps: stepsBefore },
    begun: { ...done, trainingSeconds: secondsSoFar(), seen: training.state() },
  });
  const { broken, ...done } = await trainEpoch({
    ...{ tf, task, model, loss, batches, stepsBefore, learningRateAt, ...watched },
    labelSmoothing: options.labelSmoothing,
    clipping: options.clipping,
    penalty: options.penalty,
    optimizer: options.optimizer,
    samples: classWeights === null ? drawn : withClassWeights(drawn, classWeights),
    done: begun ?? { steps: 0, samples: 0 },
    stepsAtMost: maxSteps === 0 ? Number.POSITIVE_INFINITY : maxSteps - stepsBefore,
    meter: training,
    onBatch: (steps, total) => onBatch?.(epoch, steps, total),
    onStep: async (settle, step) => onStep?.(async () => progressAt(await settle()), step),
  });
  const trainingSeconds = secondsSoFar();
  const validation = task.createMeter(measured);
  try {
    await scoreSamples(samplesOf(dataset, 'validation'), validation, { tf, model, loss, batches, ...watched });
  } catch (error) {
    if (signal?.aborted === true) await onStep?.(async () => progressAt(done), stepsBefore + done.steps);
    throw error;
  }
  const ofValidation = validation.metrics();
  const values = {
    ...training.metrics(),
    ...withPrefix(ofValidation, 'val_'),
    val_loss: ofValidation.loss,
    learning_rate: learningRateAt(stepsBefore + done.steps),
    epoch_seconds: secondsSoFar(),
    samples_per_second: done.samples / trainingSeconds,
  };
  const record = { epoch, values, ...(broken === null ? {} : { brokenBatch: broken }) };
  return { record, validation, steps: done.steps };
}

/**
 * Trains a network for a number of epochs; after one whose loss is no finite number there is no further one, since
 * weights that are NaN stay so. Equal options give equal metrics on the same machine and threads, but for the times, also
 * where a training goes on from what `onStep` or `onEpoch` was given, with the weights and the optimizer of that moment.
 * Throws the signal's reason after the batch in which it was given.
 */
export async function trainModel(options: TrainingOptions): Promise<readonly EpochRecord[]> {
  const { epochs, maxSteps } = options;
  let progress: TrainingProgress = options.from ?? { history: [], steps: 0, begun: null };
  while (progress.history.length < epochs && (maxSteps === 0 || progress.steps < maxSteps)) {
    const { record, validation, steps } = await runEpoch(options, progress);
    progress = { history: [...progress.history, record], steps: progress.steps + steps, begun: null };
    const isEnough = await options.onEpoch?.(record, validation.scores(), progress);
    if (isEnough === true || brokenLoss(record) !== null) break;
  }
  return progress.history;
}
