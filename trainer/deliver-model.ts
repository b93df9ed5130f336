import path from 'node:path';
import { encodeMetricValue } from '../src/runlog/index.ts';
import type { Preprocessor } from './components/preprocessor.ts';
import type { Sample } from './components/sample.ts';
import { type Dataset, pickSamples, samplesOf } from './data/dataset.ts';
import { writeDeploymentFiles } from './deployment-files.ts';
import type { Task } from './evaluation/tasks/task.ts';
import { type ExportFormatName, exportModel } from './export/index.ts';
import { recordArtifacts, splitDatasetName } from './run-record.ts';
import type { LayersModel, TensorFlow } from './tensorflow/library.ts';
import type { TrainingRun } from './training-run.ts';

/** Test images kept beside the model to show what it takes. */
const exampleCount = 4;

/** A trained model and what is known of it. */
export interface Delivery {
  readonly run: TrainingRun;
  readonly tf: TensorFlow;
  readonly task: Task;
  readonly model: LayersModel;
  readonly dataset: Dataset;
  readonly preprocessor: Preprocessor<object>;
  /** The metrics of the test set. */
  readonly test: Readonly<Record<string, number>>;
  /** The epoch whose weights the model has. */
  readonly epoch: number;
  /** What made the training diverge; null where it did not. */
  readonly divergence: string | null;
  /** What the model is written in; the exporter's own choice where nothing is said. */
  readonly formats?: readonly ExportFormatName[];
}

/** The registry's name: a model of synthetic data can never be taken for one of real data. */
export function registeredName(wanted: string | null, synthetic: boolean): string | null {
  if (wanted === null) return null;
  return synthetic && !wanted.endsWith('-synthetic') ? `${wanted}-synthetic` : wanted;
}

/**
 * Writes the model's folder, the files about it that deployment scripts read, and asks, by the run log, for its registration. A model that diverged is kept with its run,
 * where it can be looked at, but is not registered: nobody is to be served by it.
 */
export async function deliverModel(delivery: Delivery): Promise<void> {
  const { run, tf, task, model, dataset, preprocessor, test, epoch, divergence, formats } = delivery;
  const { configuration, environment, folder, log, echo } = run;
  const parameters = configuration.flattened;
  const directory = path.join(folder.artifacts, 'model');
  const wanted = registeredName(environment.registerModel, dataset.origin.isSynthetic);
  const register = divergence === null ? wanted : null;
  const places = [...dataset.splits.test.ids.keys()].slice(0, exampleCount);
  const examples = await pickSamples(samplesOf(dataset, 'test'), places);
  const name = wanted ?? 'model';
  const { positive_class: positiveClass } = task.describeClasses(dataset.classNames);
  const dataSource = {
    name: dataset.origin.name,
    synthetic: dataset.origin.isSynthetic,
    description: dataset.origin.description,
    digest: dataset.splits.training.digest,
  };
  const exported = await exportModel({
    tf,
    model,
    directory,
    name,
    classNames: task.learnsLabels ? dataset.classNames : [],
    inputShape: dataset.imageShape,
    preprocessing: preprocessor.describe(examples[0] as Sample),
    inputExample: preprocessor.batchify(examples).inputs,
    exampleCount: examples.length,
    parameters,
    dataSource,
    ...(formats === undefined ? {} : { formats }),
  });
  for (const warning of exported.warnings) run.line(warning);
  recordArtifacts(
    log,
    folder.directory,
    await writeDeploymentFiles({
      ...{ exported, name, dataSource, test, epoch, divergence, network: configuration.modelBuilder.name },
      directory: folder.artifacts,
      modelDirectory: directory,
      inputShape: dataset.imageShape,
    }),
  );
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
      data: dataset.origin.isSynthetic ? 'synthetic' : 'real',
      ...(positiveClass === undefined ? {} : { positive_class: String(positiveClass) }),
      ...(divergence === null ? {} : { diverged: divergence }),
    },
  });
  if (wanted !== null && register === null) {
    run.line(`The model is kept with the run, but not registered as ${wanted}: the training diverged.`);
  }
  echo(`Model: ${directory}${register === null ? '' : `, to be registered as ${register}`}`);
}
