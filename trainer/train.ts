import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { atomicWriteFile } from '../src/util/atomic-write-file.ts';
import type { ProgressSink } from './components/setup.ts';
import { prepareLibraryEnvironment } from './config.ts';
import { type Components, createComponents } from './configuration/create-components.ts';
import { checkCompiledModel, checkEvaluator } from './configuration/own-classes/check-results.ts';
import { type Dataset, readDataset, splitNames } from './data/dataset.ts';
import { deliverModel } from './deliver-model.ts';
import { deviceName, writeEnvironment } from './evaluation/environment.ts';
import { writeModelSummary } from './evaluation/model-summary.ts';
import { evaluatePoints } from './evaluation/point-table.ts';
import type { Predictions } from './evaluation/predictions.ts';
import { checkExportable } from './export/index.ts';
import { LivePictures } from './live-pictures.ts';
import { checkGoingOn, checkpointFacts, findCheckpoint } from './resume.ts';
import { progressReporter, recordArtifacts, recordDatasets, recordParameters, splitDatasetName } from './run-record.ts';
import { nodeBackend } from './tensorflow/backend.ts';
import { checkDevice } from './tensorflow/device.ts';
import { type LayersModel, loadTensorFlow, type TensorFlow } from './tensorflow/library.ts';
import { testModel } from './test-model.ts';
import { trainNetwork } from './train-network.ts';
import type { StoredCheckpoint } from './training/checkpoints/checkpoint-folder.ts';
import { divergenceIn } from './training/divergence.ts';
import type { EpochRecord } from './training/history.ts';
import type { TrainingRun } from './training-run.ts';
import { writeRunReport } from './write-run-report.ts';

function describeData({ origin, splits, classNames }: Dataset): string {
  const counts = splitNames.map((name) => `${splits[name].ids.length} for ${name}`);
  const classes = classNames.length > 2 ? `, ${classNames.length} classes` : '';
  return `Data: ${origin.description}: ${counts.join(', ')}${classes}.`;
}

/** Data, network, training, test, model: the whole story, told to the run log. Throws what went wrong. */
export async function train(run: TrainingRun): Promise<void> {
  const { configuration, parameters, environment, signal } = run;
  const progress = progressReporter(run.log);
  const from = await findCheckpoint(run);
  const threads = prepareLibraryEnvironment(parameters.threads);
  const tf = loadTensorFlow();
  await tf.ready();
  const device = checkDevice(nodeBackend(tf), environment.gpus);
  const components = createComponents(configuration, {
    seed: parameters.seed,
    inputHeight: configuration.inputHeight,
    inputWidth: configuration.inputWidth,
    batchSize: parameters.batch_size,
    epochs: parameters.epochs,
    storageDirectory: environment.storageDirectory,
    environment: environment.variables,
    signal,
    onProgress: progress,
    warn: (text) => run.warn(`warning: ${text}`),
  });
  await components.dataLoader.open();
  try {
    const dataset = await readDataset(components.dataLoader);
    await trainOn({ run, tf, device, threads, components, dataset, progress, from });
  } finally {
    await components.dataLoader.close();
  }
}

interface Prepared {
  readonly run: TrainingRun;
  readonly tf: TensorFlow;
  readonly device: string;
  readonly threads: number;
  readonly components: Components;
  readonly dataset: Dataset;
  readonly progress: ProgressSink;
  /** Where the training goes on; null for its beginning. */
  readonly from: StoredCheckpoint | null;
}

async function trainOn(prepared: Prepared): Promise<void> {
  const { run, tf, components, dataset, progress, from } = prepared;
  const { preprocessor, augmentor, modelBuilder } = components;
  const facts = checkpointFacts(run, dataset, prepared);
  if (from !== null) checkGoingOn(run, from, facts, dataset);
  recordDatasets(run.log, dataset);
  run.line(describeData(dataset));
  const task = { tf, inputShape: dataset.imageShape, classes: dataset.classNames.length };
  checkEvaluator(components.evaluator, task.classes, run.configuration.evaluator.name);
  const compiled = await modelBuilder.getCompiledModel(task);
  const { model, loss } = checkCompiledModel(compiled, task, run.configuration.modelBuilder.name);
  // A model that could not be exported is known before hours of training, not after.
  for (const warning of checkExportable(model, run.configuration.export.formats)) run.line(warning);
  await recordBeginning(prepared, model);
  const live = await LivePictures.start({ run, tf, model, dataset, preprocessor, augmentor });
  const { history, epoch, validation } = await trainNetwork({
    ...{ run, tf, model, loss, components, dataset, live, progress, facts, from },
  });
  run.log.tag('best_epoch', String(epoch));
  const divergence = await tellDivergence(run, history, dataset.classNames.length);
  const test = await testModel({ run, tf, model, loss, dataset, preprocessor, epoch, progress });
  await recordPoints(prepared, { validation, test: test.predictions }, epoch);
  const warning = divergence === null ? null : `The ${divergenceSentence(run, divergence)}`;
  await writeRunReport({ run, dataset, history, epoch, validation, test, divergence: warning });
  run.signal.throwIfAborted();
  const { formats } = run.configuration.export;
  await deliverModel({ run, tf, model, dataset, preprocessor, test: test.metrics, epoch, divergence, formats });
}

/** What is known before the first step: parameters, and files about network and machine. */
async function recordBeginning({ run, tf, device, threads, dataset }: Prepared, model: LayersModel): Promise<void> {
  const { configuration, parameters, environment, folder, log, line } = run;
  const { classNames, imageShape, origin } = dataset;
  const resolved = {
    threads_used: threads,
    device,
    channels: imageShape[2],
    ...(classNames.length === 2 ? { positive_class: classNames[1] as string } : { classes: classNames.length }),
    model_weights: model.countParams(),
    optimizer: configuration.training.optimizer,
  };
  recordParameters(log, configuration.flattened, resolved);
  log.tag('threads', String(threads));
  log.tag('device', await deviceName(tf));
  const { name } = configuration.modelBuilder;
  const form = name === 'convolutional' ? `convolutions ${parameters.convolutions}` : name;
  line(`Network: ${form}, weights ${model.countParams()}; trains on the ${device}, threads ${threads}.`);
  const config = path.join(folder.artifacts, 'config.json');
  const content = { parameters: configuration.flattened, resolved, data: origin.description };
  await atomicWriteFile(config, `${JSON.stringify(content, null, 2)}\n`);
  recordArtifacts(log, folder.directory, [
    config,
    ...(await writeModelSummary({ directory: folder.artifacts, model })),
    ...(await writeEnvironment({ directory: folder.artifacts, tf, threads, image: environment.image })),
  ]);
}

/** `reports/validation.csv` and `reports/test.csv`, and the mean of each evaluation function as a metric. */
async function recordPoints(
  { run, components, dataset }: Prepared,
  parts: { readonly validation: Predictions; readonly test: Predictions },
  epoch: number,
): Promise<void> {
  const functions = components.evaluator.getEvalFuncs();
  const directory = path.join(run.folder.artifacts, 'reports');
  await mkdir(directory, { recursive: true });
  for (const [name, predictions] of Object.entries(parts)) {
    const { csv, means } = evaluatePoints(predictions, functions);
    const file = path.join(directory, `${name}.csv`);
    await atomicWriteFile(file, csv);
    recordArtifacts(run.log, run.folder.directory, [file]);
    const part = name === 'test' ? 'test' : 'validation';
    const prefix = part === 'test' ? 'test_' : 'val_';
    for (const [key, value] of Object.entries(means)) {
      run.log.metric(`${prefix}${key}`, value, epoch, { dataset: splitDatasetName(dataset, part) });
    }
  }
}

/** `epoch 3: loss is NaN` where the training diverged, which is a tag and a warning, no failure; null where it did not. */
async function tellDivergence(
  run: TrainingRun,
  history: readonly EpochRecord[],
  classes: number,
): Promise<string | null> {
  const divergence = divergenceIn(history, classes);
  if (divergence === null) return null;
  run.log.tag('diverged', divergence);
  run.warn(`warning: the ${divergenceSentence(run, divergence)}`);
  const { epoch, brokenBatch } = history.at(-1) as EpochRecord;
  if (brokenBatch !== undefined) {
    const file = path.join(run.folder.artifacts, 'broken-batch.json');
    await atomicWriteFile(file, `${JSON.stringify({ epoch, ...brokenBatch }, null, 2)}\n`);
    recordArtifacts(run.log, run.folder.directory, [file]);
  }
  return divergence;
}

function divergenceSentence({ parameters }: TrainingRun, divergence: string): string {
  return `training diverged in ${divergence}. Try a smaller learning_rate than ${parameters.learning_rate}.`;
}
