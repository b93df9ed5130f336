import type { ProgressSink } from './components/setup.ts';
import { type SplitName, samplesOf } from './data/dataset.ts';
import { scoreSamples } from './evaluation/score.ts';
import type { ScoredPart } from './evaluation/scored-part.ts';
import type { Task } from './evaluation/tasks/task.ts';
import type { AskedNetwork } from './part-samples.ts';

/** What a network is asked with. */
export interface PredictOptions extends AskedNetwork {
  readonly task: Task;
  readonly progress: ProgressSink;
}

/** What the network gives for each sample of a part, in its order; `stage` names the progress. */
export async function predictSplit(options: PredictOptions, split: SplitName, stage: string): Promise<ScoredPart> {
  const { run, tf, task, model, loss, dataset, preprocessor, progress } = options;
  const { parameters, signal } = run;
  const { classNames, splits } = dataset;
  const meter = task.createMeter({ classNames, loss });
  await scoreSamples(samplesOf(dataset, split), meter, {
    ...{ tf, model, loss, signal },
    batches: { preprocessor, batchSize: parameters.batch_size, seed: parameters.seed },
    onProgress: (done, total) => progress(stage, done, total, 'images'),
  });
  const { ids, labels } = splits[split];
  return { ids, labels, classNames, scores: meter.scores() };
}
