import path from 'node:path';
import { encodeMetricValue } from '../src/runlog/index.ts';
import { makeBatch, preprocessing } from './data/batches.ts';
import type { Dataset } from './data/dataset.ts';
import { exportModel } from './export/index.ts';
import { splitDatasetName } from './run-record.ts';
import type { LayersModel, TensorFlow } from './tensorflow/library.ts';
import type { TrainingRun } from './training-run.ts';

/** Test images kept beside the model to show what it takes. */
const exampleCount = 4;

/** A trained model and what is known of it. */
export interface Delivery {
  readonly run: TrainingRun;
  readonly tf: TensorFlow;
  readonly model: LayersModel;
  readonly dataset: Dataset;
  /** The metrics of the test set. */
  readonly test: Readonly<Record<string, number>>;
  /** The last epoch that was trained. */
  readonly epoch: number;
  /** What made the training diverge; null where it did not. */
  readonly divergence: string | null;
}

/** The registry's name: a model of synthetic data can never be taken for one of real data. */
export function registeredName(wanted: string | null, synthetic: boolean): string | null {
  if (wanted === null) return null;
  return synthetic && !wanted.endsWith('-synthetic') ? `${wanted}-synthetic` : wanted;
}

/**
 * Writes the model's folder and asks, by the run log, for its registration. A model that diverged is kept with its run,
 * where it can be looked at, but is not registered: nobody is to be served by it.
 */
export async function deliverModel(delivery: Delivery): Promise<void> {
  const { run, tf, model, dataset, test, epoch, divergence } = delivery;
  const { parameters, environment, folder, log, echo } = run;
  const directory = path.join(folder.artifacts, 'model');
  const wanted = registeredName(environment.registerModel, dataset.synthetic);
  const register = divergence === null ? wanted : null;
  const examples = dataset.splits.test.samples.slice(0, exampleCount);
  await exportModel({
    tf,
    model,
    directory,
    name: wanted ?? 'model',
    classNames: dataset.classNames,
    inputShape: dataset.imageShape,
    preprocessing: { ...preprocessing, resize: 'bilinear', antialias: true },
    inputExample: makeBatch(examples).pixels,
    exampleCount: examples.length,
    parameters,
    dataSource: {
      name: dataset.name,
      synthetic: dataset.synthetic,
      description: dataset.description,
      digest: dataset.splits.training.digest,
    },
  });
  log.model({
    name: 'model',
    path: path.relative(folder.directory, directory),
    register,
    aliases: register === null ? [] : ['latest-finished'],
    metrics: Object.fromEntries(Object.entries(test).map(([key, value]) => [key, encodeMetricValue(value)])),
    dataset: splitDatasetName(dataset, 'test'),
    step: epoch,
    params: Object.fromEntries(Object.entries(parameters).map(([key, value]) => [key, String(value)])),
    tags: {
      data: dataset.synthetic ? 'synthetic' : 'real',
      positive_class: dataset.classNames[1],
      ...(divergence === null ? {} : { diverged: divergence }),
    },
  });
  if (wanted !== null && register === null) {
    run.line(`The model is kept with the run, but not registered as ${wanted}: the training diverged.`);
  }
  echo(`Model: ${directory}${register === null ? '' : `, to be registered as ${register}`}`);
}
