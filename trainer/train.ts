import path from 'node:path';
import { atomicWriteFile } from '../src/util/atomic-write-file.ts';
import type { CompiledModel } from './components/model-builder.ts';
import type { ProgressSink } from './components/setup.ts';
import { prepareLibraryEnvironment } from './config.ts';
import { type Components, createComponents } from './configuration/create-components.ts';
import { optimizerOf } from './configuration/optimizer-of.ts';
import { checkCompiledModel, checkEvaluator } from './configuration/own-classes/check-results.ts';
import { type Dataset, readDataset, samplesOf, splitNames } from './data/dataset.ts';
import { deliverModel } from './deliver-model.ts';
import { deviceName, writeEnvironment } from './evaluation/environment.ts';
import { writeModelSummary } from './evaluation/model-summary.ts';
import { tasks } from './evaluation/tasks/index.ts';
import type { Task } from './evaluation/tasks/task.ts';
import { checkExportable } from './export/index.ts';
import { LivePictures } from './live-pictures.ts';
import type { AskedNetwork } from './part-samples.ts';
import { recordPoints } from './record-points.ts';
import { checkGoingOn, checkpointFacts, findCheckpoint, networkFacts } from './resume.ts';
import { progressReporter, recordArtifacts, recordDatasets, recordParameters } from './run-record.ts';
import { divergenceSentence, tellDivergence } from './tell-divergence.ts';
import { TensorBoardFiles } from './tensorboard-files.ts';
import { nodeBackend } from './tensorflow/backend.ts';
import { checkDevice } from './tensorflow/device.ts';
import { loadTensorFlow, type TensorFlow } from './tensorflow/library.ts';
import { testModel } from './test-model.ts';
import { trainNetwork } from './train-network.ts';
import { trainedPart } from './trained-part.ts';
import type { StoredCheckpoint } from './training/checkpoints/checkpoint-folder.ts';
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
  const { preprocessor, augmentor, modelBuilder, evaluator } = components;
  const dataFacts = checkpointFacts(run, dataset, prepared);
  if (from !== null) checkGoingOn(run, from, dataFacts, dataset);
  recordDatasets(run.log, dataset);
  run.line(describeData(dataset));
  const wanted = {
    ...{ tf, inputShape: dataset.imageShape, classes: dataset.classNames.length },
    pixelRange: preprocessor.pixelRange(dataset.dtype),
  };
  checkEvaluator(evaluator, { ...wanted, task }, run.configuration.evaluator.name);
  const compiled = checkCompiledModel(
    await modelBuilder.getCompiledModel(wanted),
    { ...wanted, task },
    run.configuration.modelBuilder.name,
  );
  const { model, loss } = compiled;
  const facts = { ...dataFacts, ...(await networkFacts(run, model, from)) };
  const network: AskedNetwork = { run, tf, model, loss, dataset, preprocessor };
  const guessingLoss = await guessingLossOf(prepared, network);
  // A model that could not be exported is known before hours of training, not after.
  for (const warning of checkExportable(model, run.configuration.export.formats)) run.line(warning);
  await recordBeginning(prepared, compiled);
  const live = await LivePictures.start({ ...network, task, augmentor });
  const fromEpoch = from?.document.history.length ?? 0;
  const tensorBoard = await TensorBoardFiles.start({ run, tf, model, dataset, preprocessor, augmentor, fromEpoch });
  const trained = await trainedPart({ ...prepared, compiled });
  const { history, epoch, validation } = await trainNetwork({
    ...{ run, tf, task, compiled, loss, live, tensorBoard, progress, facts, from },
    ...{ model: trained.model, dataset: trained.dataset },
    components: { ...components, preprocessor: trained.preprocessor },
  });
  run.log.tag('best_epoch', String(epoch));
  const divergence = await tellDivergence(run, history, guessingLoss);
  const test = await testModel({ ...network, task, trained, epoch, progress });
  await tensorBoard.test(test.metrics, epoch);
  await recordPoints({ ...network, task, evaluator, epoch }, { validation, test: test.part });
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
  compiled: CompiledModel,
): Promise<void> {
  const { configuration, parameters, environment, folder, log, line } = run;
  const { classNames, imageShape, origin } = dataset;
  const { model } = compiled;
  const resolved = {
    threads_used: threads,
    device,
    channels: imageShape[2],
    ...task.describeClasses(classNames),
    model_weights: model.countParams(),
    optimizer: optimizerOf(compiled, configuration).definition.name,
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
