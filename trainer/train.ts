import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { atomicWriteFile } from '../src/util/atomic-write-file.ts';
import type { ProgressSink } from './components/setup.ts';
import { prepareLibraryEnvironment } from './config.ts';
import { type Components, createComponents } from './configuration/create-components.ts';
import { type Dataset, readDataset, samplesOf, splitNames } from './data/dataset.ts';
import { deliverModel } from './deliver-model.ts';
import { deviceName, writeEnvironment } from './evaluation/environment.ts';
import { writeModelSummary } from './evaluation/model-summary.ts';
import type { ScoredPart } from './evaluation/scored-part.ts';
import { tasks } from './evaluation/tasks/index.ts';
import type { Task } from './evaluation/tasks/task.ts';
import { checkExportable } from './export/index.ts';
import { LivePictures } from './live-pictures.ts';
import { type AskedNetwork, partSamples } from './part-samples.ts';
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
    const task = tasks[components.modelBuilder.task];
    const dataset = await readDataset(components.dataLoader, { learnsLabels: task.learnsLabels });
    await trainOn({ run, tf, task, device, threads, components, dataset, progress, from });
  } finally {
    await components.dataLoader.close();
  }
}

interface Prepared {
  readonly run: TrainingRun;
  readonly tf: TensorFlow;
  readonly task: Task;
  readonly device: string;
  readonly threads: number;
  readonly components: Components;
  readonly dataset: Dataset;
  readonly progress: ProgressSink;
  /** Where the training goes on; null for its beginning. */
  readonly from: StoredCheckpoint | null;
}

async function trainOn(prepared: Prepared): Promise<void> {
  const { run, tf, task, components, dataset, progress, from } = prepared;
  const { preprocessor, augmentor, modelBuilder } = components;
  const facts = checkpointFacts(run, dataset, prepared);
  if (from !== null) checkGoingOn(run, from, facts, dataset);
  recordDatasets(run.log, dataset);
  run.line(describeData(dataset));
  const { model, loss } = await modelBuilder.getCompiledModel({
    tf,
    inputShape: dataset.imageShape,
    classes: dataset.classNames.length,
  });
  const network: AskedNetwork = { run, tf, model, loss, dataset, preprocessor };
  const guessingLoss = await guessingLossOf(prepared, network);
  // A model that could not be exported is known before hours of training, not after.
  for (const warning of checkExportable(model, run.configuration.export.formats)) run.line(warning);
  await recordBeginning(prepared, model);
  const live = await LivePictures.start({ ...network, task, augmentor });
  const { history, epoch, validation } = await trainNetwork({
    ...{ run, tf, task, model, loss, components, dataset, live, progress, facts, from },
  });
  run.log.tag('best_epoch', String(epoch));
  const divergence = await tellDivergence(run, history, guessingLoss);
  const test = await testModel({ ...network, task, epoch, progress });
  await recordPoints(prepared, network, { validation, test: test.part }, epoch);
  const warning = divergence === null ? null : `The ${divergenceSentence(run, divergence)}`;
  await writeRunReport({
    ...{ run, task, dataset, history, epoch, validation, test, guessingLoss },
    divergence: warning,
  });
  run.signal.throwIfAborted();
  const { formats } = run.configuration.export;
  await deliverModel({ run, tf, task, model, dataset, preprocessor, test: test.metrics, epoch, divergence, formats });
}

/** Throws UsageError where network and data do not fit each other. */
function guessingLossOf(
  { run, task }: Prepared,
  { model, loss, dataset, preprocessor }: AskedNetwork,
): Promise<number> {
  const { parameters, configuration } = run;
  return task.guessingLoss({
    ...{ model, loss },
    network: configuration.modelBuilder.name,
    inputShape: dataset.imageShape,
    classNames: dataset.classNames,
    samples: samplesOf(dataset, 'training'),
    batches: { preprocessor, batchSize: parameters.batch_size, seed: parameters.seed },
  });
}

/** What is known before the first step: parameters, and files about network and machine. */
async function recordBeginning(
  { run, tf, task, device, threads, dataset }: Prepared,
  model: LayersModel,
): Promise<void> {
  const { configuration, parameters, environment, folder, log, line } = run;
  const { classNames, imageShape, origin } = dataset;
  const resolved = {
    threads_used: threads,
    device,
    channels: imageShape[2],
    ...task.describeClasses(classNames),
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
  { run, task, components, dataset }: Prepared,
  network: AskedNetwork,
  parts: { readonly validation: ScoredPart; readonly test: ScoredPart },
  epoch: number,
): Promise<void> {
  const functions = components.evaluator.getEvalFuncs();
  const directory = path.join(run.folder.artifacts, 'reports');
  await mkdir(directory, { recursive: true });
  for (const part of ['validation', 'test'] as const) {
    const { csv, means } = await task.evaluatePoints(parts[part], functions, partSamples(network, part));
    const file = path.join(directory, `${part}.csv`);
    await atomicWriteFile(file, csv);
    recordArtifacts(run.log, run.folder.directory, [file]);
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
  guessingLoss: number,
): Promise<string | null> {
  const divergence = divergenceIn(history, guessingLoss);
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
