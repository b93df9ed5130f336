import type { LossName } from './components/model-builder.ts';
import type { Preprocessor } from './components/preprocessor.ts';
import type { ProgressSink } from './components/setup.ts';
import { type Dataset, type SplitName, samplesOf } from './data/dataset.ts';
import { Meter } from './evaluation/meter.ts';
import { type Predictions, predictionsOf } from './evaluation/predictions.ts';
import { scoreSamples } from './evaluation/score.ts';
import type { LayersModel, TensorFlow } from './tensorflow/library.ts';
import type { TrainingRun } from './training-run.ts';

/** What a network is asked with. */
export interface PredictOptions {
  readonly run: TrainingRun;
  readonly tf: TensorFlow;
  readonly model: LayersModel;
  readonly loss: LossName;
  readonly dataset: Dataset;
  readonly preprocessor: Preprocessor<object>;
  readonly progress: ProgressSink;
}

/** What the network says of each sample of a part, in its order; `stage` names the progress. */
export async function predictSplit(options: PredictOptions, split: SplitName, stage: string): Promise<Predictions> {
  const { run, tf, model, loss, dataset, preprocessor, progress } = options;
  const { parameters, signal } = run;
  const { classNames, splits } = dataset;
  const meter = new Meter(classNames);
  await scoreSamples(samplesOf(dataset, split), meter, {
    ...{ tf, model, loss, signal },
    batches: { preprocessor, batchSize: parameters.batch_size, seed: parameters.seed },
    onProgress: (done, total) => progress(stage, done, total, 'images'),
  });
  const { ids, labels } = splits[split];
  return predictionsOf({ ids, labels, scores: meter.scores(), classNames });
}
