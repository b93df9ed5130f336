import type { ProgressSink } from './components/setup.ts';
import type { Components } from './configuration/create-components.ts';
import { balancedWeights } from './data/class-weights.ts';
import type { Dataset } from './data/dataset.ts';
import type { LivePictures } from './live-pictures.ts';
import { trainableVariables } from './network/forward.ts';
import { recordEpoch } from './run-record.ts';
import type { TensorBoardFiles } from './tensorboard-files.ts';
import type { TensorFlow } from './tensorflow/library.ts';
import { BestEpoch } from './training/early-stopping.ts';
import type { EpochRecord } from './training/history.ts';
import { trainModel } from './training/loop.ts';
import type { StepSetup } from './training/step.ts';
import type { TrainingRun } from './training-run.ts';

/** What is trained on what, and whom it tells. */
export interface NetworkTraining extends Pick<StepSetup, 'model' | 'loss'> {
  readonly run: TrainingRun;
  readonly tf: TensorFlow;
  readonly components: Components;
  readonly dataset: Dataset;
  readonly live: LivePictures;
  readonly tensorBoard: TensorBoardFiles;
  readonly progress: ProgressSink;
}

/** Trains a network as the configuration says: optimizer, schedule, weights of classes, and when it is enough. */
export async function trainNetwork(options: NetworkTraining): Promise<EpochRecord[]> {
  const { run, tf, model, loss, components, dataset, live, tensorBoard, progress } = options;
  const { configuration, parameters, log, signal } = run;
  const { epochs, seed } = parameters;
  const { training } = configuration;
  const { labels } = dataset.splits.training;
  const { metric, mode } = configuration.export;
  const best = new BestEpoch({ mode, patience: training.early_stopping_patience });
  const schedule = configuration.schedule.definition.create(configuration.schedule.parameters, {
    learningRate: training.learning_rate,
    stepsPerEpoch: Math.ceil(labels.length / parameters.batch_size),
    epochs,
  });
  const variables = trainableVariables(model);
  const optimizer = configuration.optimizer.definition.create(tf, variables, configuration.optimizer.parameters);
  try {
    const history = await trainModel({
      ...{ tf, model, loss, optimizer, dataset, epochs, signal },
      labelSmoothing: training.label_smoothing,
      clipping: training.clip_by === 'none' ? null : { by: training.clip_by, limit: training.clip_limit },
      classWeights: training.class_weights === 'none' ? null : balancedWeights(labels, dataset.classNames.length),
      maxSteps: parameters.max_steps,
      learningRateAt: (step) => schedule.at(step),
      batches: { ...components, batchSize: parameters.batch_size, seed },
      onBatch: (epoch, done, total) => progress(`epoch ${epoch}/${epochs}`, done, total, 'batches'),
      onEpoch: async (record, validationScores) => {
        recordEpoch(log, record);
        run.echo(describeEpoch(record, epochs));
        await live.epoch(record, validationScores);
        await tensorBoard.epoch(record);
        if (schedule.monitor !== undefined) schedule.endEpoch?.(record.epoch, record.values[schedule.monitor]);
        const isEnough = best.add(record.epoch, record.values[metric]);
        if (isEnough && record.epoch < epochs) run.line(earlyEnd(record.epoch, best));
        return isEnough;
      },
    });
    await tensorBoard.trained();
    return history;
  } finally {
    optimizer.dispose();
    await live.finish();
    await tensorBoard.finish();
  }
}

function describeEpoch({ epoch, values }: EpochRecord, epochs: number): string {
  const shown = ['loss', 'accuracy', 'val_loss', 'val_accuracy', 'val_auc'] as const;
  const numbers = shown.map((key) => `${key} ${values[key].toFixed(4)}`);
  return `epoch ${epoch}/${epochs}: ${numbers.join(', ')}, ${values.epoch_seconds.toFixed(1)} s`;
}

function earlyEnd(epoch: number, { best }: BestEpoch): string {
  const since = best === null ? 'no epoch had a number' : `the best was epoch ${best.epoch}`;
  return `Ended early after epoch ${epoch}: ${since}.`;
}
