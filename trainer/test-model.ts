import path from 'node:path';
import type { Dataset } from './data/dataset.ts';
import { writeConfusionMatrix } from './evaluation/artifacts.ts';
import { binaryMetrics, confusionCounts, prefixed, threshold } from './evaluation/metrics.ts';
import { writePredictions } from './evaluation/predictions.ts';
import { scoreSamples } from './evaluation/score.ts';
import { recordArtifacts, splitDatasetName } from './run-record.ts';
import type { LayersModel, TensorFlow } from './tensorflow/library.ts';
import type { TrainingRun } from './training-run.ts';

/** What a trained model is tested with. */
export interface TestOptions {
  readonly run: TrainingRun;
  readonly tf: TensorFlow;
  readonly model: LayersModel;
  readonly dataset: Dataset;
  readonly progress: (stage: string, done: number, total: number, unit: string) => void;
}

/** Scores the test part once, logs `test_…`, and keeps the predictions and the confusion matrix. Returns the metrics. */
export async function testModel(options: TestOptions): Promise<Record<string, number>> {
  const { run, tf, model, dataset, progress } = options;
  const { folder, log, parameters, signal } = run;
  const { samples } = dataset.splits.test;
  const scores = await scoreSamples(tf, model, samples, {
    batchSize: parameters.batch_size,
    signal,
    onProgress: (done, total) => progress('testing', done, total, 'images'),
  });
  const labels = samples.map((sample) => sample.label);
  const metrics = prefixed(binaryMetrics(labels, scores), 'test_');
  for (const [key, value] of Object.entries(metrics)) {
    log.metric(key, value, parameters.epochs, { dataset: splitDatasetName(dataset, 'test') });
  }
  const shown = Object.entries(metrics).map(([key, value]) => `${key} ${value.toFixed(4)}`);
  run.echo(`test: ${shown.join(', ')}`);
  const predictions = path.join(folder.artifacts, 'predictions.csv');
  await writePredictions(predictions, samples, scores);
  const matrix = await writeConfusionMatrix({
    directory: folder.artifacts,
    classNames: dataset.classNames,
    counts: confusionCounts(labels, scores),
    threshold,
  });
  recordArtifacts(log, folder.directory, [predictions, ...matrix]);
  return metrics;
}
