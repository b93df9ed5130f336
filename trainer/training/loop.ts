import type { Sample } from '../data/sample.ts';
import { type BinaryMetrics, binaryMetrics, prefixed } from '../evaluation/metrics.ts';
import { scoreSamples } from '../evaluation/score.ts';
import type { LayersModel, TensorFlow } from '../tensorflow/library.ts';
import { type AdamState, createAdamState, disposeAdamState } from './adam.ts';
import { brokenLoss } from './divergence.ts';
import { trainEpoch } from './epoch.ts';
import { trainableVariables } from './forward.ts';
import type { EpochRecord } from './history.ts';

/** What a training needs and whom it tells. */
export interface TrainingOptions {
  readonly tf: TensorFlow;
  /** Trained in place. */
  readonly model: LayersModel;
  readonly training: readonly Sample[];
  readonly validation: readonly Sample[];
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly seed: number;
  readonly augment: boolean;
  readonly signal?: AbortSignal;
  readonly onBatch?: (epoch: number, done: number, total: number) => void;
  /** Waited for before the next epoch. `validationScores` are those of `validation`, in its order. */
  readonly onEpoch?: (record: EpochRecord, validationScores: Float32Array) => void | Promise<void>;
}

type Metrics = BinaryMetrics & Record<string, number>;

async function runEpoch(
  options: TrainingOptions,
  adam: AdamState,
  epoch: number,
): Promise<{ metrics: Metrics; scores: Float32Array }> {
  const { tf, model, training, validation, batchSize, learningRate, seed, augment, signal, onBatch } = options;
  const startedAt = performance.now();
  const trained = await trainEpoch({
    tf,
    model,
    adam,
    samples: training,
    batchSize,
    learningRate,
    seed,
    augment,
    epoch,
    ...(signal === undefined ? {} : { signal }),
    onBatch: (done, total) => onBatch?.(epoch, done, total),
  });
  const trainingSeconds = (performance.now() - startedAt) / 1000;
  const scores = await scoreSamples(tf, model, validation, { batchSize, ...(signal === undefined ? {} : { signal }) });
  const labels = validation.map((sample) => sample.label);
  const metrics = {
    ...binaryMetrics(trained.labels, trained.scores),
    ...prefixed(binaryMetrics(labels, scores), 'val_'),
    learning_rate: learningRate,
    epoch_seconds: (performance.now() - startedAt) / 1000,
    samples_per_second: training.length / trainingSeconds,
  };
  return { metrics, scores };
}

/**
 * Trains a network for a number of epochs; after one whose loss is no finite number there is no further one, since
 * weights that are NaN stay so. Equal options give equal metrics on the same machine and threads, but for the times.
 * Throws the signal's reason after the batch in which it was given.
 */
export async function trainModel(options: TrainingOptions): Promise<EpochRecord[]> {
  const history: EpochRecord[] = [];
  const adam = createAdamState(options.tf, trainableVariables(options.model));
  try {
    for (let epoch = 1; epoch <= options.epochs; epoch += 1) {
      const { metrics, scores } = await runEpoch(options, adam, epoch);
      const record = { epoch, values: metrics };
      history.push(record);
      await options.onEpoch?.(record, scores);
      if (brokenLoss(record) !== null) break;
    }
    return history;
  } finally {
    disposeAdamState(adam);
  }
}
