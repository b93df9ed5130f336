import type { LossName } from './components/model-builder.ts';
import type { Preprocessor } from './components/preprocessor.ts';
import { type Dataset, pickSamples, type SplitName, samplesOf } from './data/dataset.ts';
import { scoreSamples } from './evaluation/score.ts';
import type { PartSamples } from './evaluation/scored-part.ts';
import type { LayersModel, TensorFlow } from './tensorflow/library.ts';
import type { TrainingRun } from './training-run.ts';

/** A network and the data that it is asked about. */
export interface AskedNetwork {
  readonly run: TrainingRun;
  readonly tf: TensorFlow;
  readonly model: LayersModel;
  readonly loss: LossName;
  readonly dataset: Dataset;
  readonly preprocessor: Preprocessor<object>;
}

/** The samples of a part of the data, and the network that scores them. Scoring throws the reason of a stop. */
export function partSamples(options: AskedNetwork, split: SplitName): PartSamples {
  const { run, tf, model, loss, dataset, preprocessor } = options;
  const { parameters, signal } = run;
  const batches = { preprocessor, batchSize: parameters.batch_size, seed: parameters.seed };
  return {
    preprocessor,
    all: () => samplesOf(dataset, split),
    read: (places) => pickSamples(samplesOf(dataset, split), places),
    score: (samples, taker) => scoreSamples(samples, taker, { tf, model, loss, batches, signal }),
  };
}
