import path from 'node:path';
import { atomicWriteFile } from '../src/util/atomic-write-file.ts';
import { prepareLibraryEnvironment } from './config.ts';
import { type Dataset, splitNames } from './data/dataset.ts';
import { deliverModel } from './deliver-model.ts';
import { deviceName, writeEnvironment } from './evaluation/environment.ts';
import { writeModelSummary } from './evaluation/model-summary.ts';
import { checkExportable } from './export/index.ts';
import { LivePictures } from './live-pictures.ts';
import { loadDataset } from './load-dataset.ts';
import { checkConvolutions, convolutionalModel } from './models/convolutional.ts';
import { progressReporter, recordArtifacts, recordDatasets, recordEpoch, recordParameters } from './run-record.ts';
import { nodeBackend } from './tensorflow/backend.ts';
import { checkDevice } from './tensorflow/device.ts';
import { loadTensorFlow } from './tensorflow/library.ts';
import { testModel } from './test-model.ts';
import { divergenceIn } from './training/divergence.ts';
import type { EpochRecord } from './training/history.ts';
import { trainModel } from './training/loop.ts';
import type { TrainingRun } from './training-run.ts';
import { writeRunReport } from './write-run-report.ts';

function describeEpoch({ epoch, values }: EpochRecord, epochs: number): string {
  const shown = ['loss', 'accuracy', 'val_loss', 'val_accuracy', 'val_auc'] as const;
  const numbers = shown.map((key) => `${key} ${(values[key] ?? Number.NaN).toFixed(4)}`);
  return `epoch ${epoch}/${epochs}: ${numbers.join(', ')}, ${(values.epoch_seconds ?? 0).toFixed(1)} s`;
}

function describeData(dataset: Dataset): string {
  const counts = splitNames.map((name) => `${dataset.splits[name].samples.length} for ${name}`);
  return `Data: ${dataset.description}: ${counts.join(', ')}.`;
}

/** Data, network, training, test, model: the whole story, told to the run log. Throws what went wrong. */
export async function train(run: TrainingRun): Promise<void> {
  const { parameters, environment, folder, log, signal, line, echo } = run;
  const { epochs, convolutions, seed } = parameters;
  checkConvolutions(convolutions, parameters.image_size);
  const progress = progressReporter(log);
  const threads = prepareLibraryEnvironment(parameters.threads);
  const tf = loadTensorFlow();
  await tf.ready();
  const device = checkDevice(nodeBackend(tf), environment.gpus);

  const dataset = await loadDataset(parameters, {
    storageDirectory: environment.storageDirectory,
    onProgress: progress,
    signal,
  });
  recordDatasets(log, dataset);
  line(describeData(dataset));
  const model = convolutionalModel(tf, { inputShape: dataset.imageShape, convolutions, seed });
  // A model that could not be exported is known before hours of training, not after.
  checkExportable(model);
  const resolved = {
    threads_used: threads,
    device,
    channels: dataset.imageShape[2],
    positive_class: dataset.classNames[1],
    model_weights: model.countParams(),
    optimizer: 'adam',
  };
  recordParameters(log, parameters, resolved);
  log.tag('threads', String(threads));
  log.tag('device', await deviceName(tf));
  line(
    `Network: convolutions ${convolutions}, weights ${model.countParams()}; trains on the ${device}, threads ${threads}.`,
  );
  const config = path.join(folder.artifacts, 'config.json');
  await atomicWriteFile(config, `${JSON.stringify({ parameters, resolved, data: dataset.description }, null, 2)}\n`);
  recordArtifacts(log, folder.directory, [
    config,
    ...(await writeModelSummary({ directory: folder.artifacts, model })),
    ...(await writeEnvironment({ directory: folder.artifacts, tf, threads, image: environment.image })),
  ]);

  const live = await LivePictures.start({ run, tf, model, dataset });
  const history = await trainModel({
    tf,
    model,
    training: dataset.splits.training.samples,
    validation: dataset.splits.validation.samples,
    epochs,
    batchSize: parameters.batch_size,
    learningRate: parameters.learning_rate,
    seed,
    augment: parameters.randomize_images,
    signal,
    onBatch: (epoch, done, total) => progress(`epoch ${epoch}/${epochs}`, done, total, 'batches'),
    onEpoch: async (record, validationScores) => {
      recordEpoch(log, record);
      echo(describeEpoch(record, epochs));
      await live.epoch(record, validationScores);
    },
  }).finally(() => live.finish());
  const { epoch, divergence } = tellDivergence(run, history, dataset.classNames.length);
  const test = await testModel({ run, tf, model, dataset, epoch, progress });
  const warning = divergence === null ? null : `The ${divergenceSentence(run, divergence)}`;
  await writeRunReport({ run, dataset, history, validation: live.validation, test, divergence: warning });
  signal.throwIfAborted();
  await deliverModel({ run, tf, model, dataset, test: test.metrics, epoch, divergence });
}

/** The last epoch, and `epoch 3: loss is NaN` where the training diverged: a tag and a warning, no failure. */
function tellDivergence(
  run: TrainingRun,
  history: readonly EpochRecord[],
  classes: number,
): { readonly epoch: number; readonly divergence: string | null } {
  const last = history.at(-1) as EpochRecord;
  const divergence = divergenceIn(history, classes);
  if (divergence === null) return { epoch: last.epoch, divergence };
  run.log.tag('diverged', divergence);
  run.warn(`warning: the ${divergenceSentence(run, divergence)}`);
  return { epoch: last.epoch, divergence };
}

function divergenceSentence({ parameters }: TrainingRun, divergence: string): string {
  return `training diverged in ${divergence}. Try a smaller learning_rate than ${parameters.learning_rate}.`;
}
