import type { CompiledModel } from './components/model-builder.ts';
import type { ProgressSink } from './components/setup.ts';
import type { Components } from './configuration/create-components.ts';
import { optimizerOf } from './configuration/optimizer-of.ts';
import type { TrainingSection } from './configuration/training-section.ts';
import { balancedWeights } from './data/class-weights.ts';
import type { Dataset } from './data/dataset.ts';
import type { ScoredPart } from './evaluation/scored-part.ts';
import type { Task } from './evaluation/tasks/task.ts';
import type { LivePictures } from './live-pictures.ts';
import { trainableVariables } from './network/forward.ts';
import { recordEpoch } from './run-record.ts';
import { scorePart } from './score-part.ts';
import type { TensorBoardFiles } from './tensorboard-files.ts';
import type { TensorFlow } from './tensorflow/library.ts';
import { CheckpointFolder, type StoredCheckpoint } from './training/checkpoints/checkpoint-folder.ts';
import { type CheckpointPace, type CheckpointSubject, Checkpoints } from './training/checkpoints/checkpoints.ts';
import { brokenLoss } from './training/divergence.ts';
import { BestEpoch } from './training/early-stopping.ts';
import type { EpochRecord } from './training/history.ts';
import { trainModel } from './training/loop.ts';
import type { StepSetup } from './training/step.ts';
import type { TrainingRun } from './training-run.ts';

/** What is trained on what, and whom it tells. */
export interface NetworkTraining extends Pick<StepSetup, 'model' | 'loss'> {
  /** Optimizer and metrics that the network brings. */
  readonly compiled: Pick<CompiledModel, 'metrics' | 'optimizer'>;
  readonly run: TrainingRun;
  readonly tf: TensorFlow;
  readonly task: Task;
  readonly components: Components;
  readonly dataset: Dataset;
  readonly live: LivePictures;
  readonly tensorBoard: TensorBoardFiles;
  readonly progress: ProgressSink;
  /** What must be the same when the training goes on after it was interrupted. */
  readonly facts: CheckpointSubject['facts'];
  /** Where it goes on; null for its beginning. */
  readonly from: StoredCheckpoint | null;
}

/** What a training came to. */
export interface TrainedNetwork {
  readonly history: readonly EpochRecord[];
  /** The epoch whose weights the network has now: the best, or the last where none had a number. */
  readonly epoch: number;
  /** What the network says of the validation samples. */
  readonly validation: ScoredPart;
}

/**
 * Trains a network as the configuration says: optimizer, schedule, weights of classes, and when it is enough. Leaves it
 * with the weights of its best epoch.
 */
export async function trainNetwork(options: NetworkTraining): Promise<TrainedNetwork> {
  const { run, tf, model, live, tensorBoard } = options;
  const { configuration, parameters } = run;
  const { training } = configuration;
  const best = new BestEpoch({ mode: configuration.export.mode, patience: training.early_stopping_patience });
  const schedule = configuration.schedule.definition.create(configuration.schedule.parameters, {
    learningRate: training.learning_rate,
    stepsPerEpoch: Math.ceil(options.dataset.splits.training.labels.length / parameters.batch_size),
    epochs: parameters.epochs,
  });
  const { definition, parameters: optimizerParameters } = optimizerOf(options.compiled, configuration);
  const optimizer = definition.create(tf, trainableVariables(model), optimizerParameters);
  const checkpoints = new Checkpoints(new CheckpointFolder(run.folder.checkpoints), checkpointPace(training), {
    ...{ tf, model, optimizer, schedule, best, facts: options.facts, signal: run.signal },
    syncLog: () => run.log.sync(),
  });
  try {
    const history = await trainEpochs(options, { best, schedule, optimizer, checkpoints });
    await tensorBoard.trained();
    const last = (history.at(-1) as EpochRecord).epoch;
    const epoch = best.best?.epoch ?? last;
    if (epoch !== last) {
      await checkpoints.restoreWeightsOf(epoch);
      run.line(`The best epoch was ${epoch}, by ${configuration.export.metric}: its weights are tested and exported.`);
    }
    if (epoch !== last || live.validation === null) {
      const { preprocessor } = options.components;
      live.show(await scorePart({ ...options, preprocessor }, 'validation', 'validating'));
    }
    return { history, epoch, validation: live.validation as ScoredPart };
  } finally {
    optimizer.dispose();
    await live.finish();
    await tensorBoard.finish();
  }
}

/** What changes over the epochs besides the network. */
interface Course extends Pick<CheckpointSubject, 'best' | 'schedule' | 'optimizer'> {
  readonly checkpoints: Checkpoints;
}

function trainEpochs(
  options: NetworkTraining,
  course: Course,
): Promise<readonly EpochRecord[]> | readonly EpochRecord[] {
  const { run, tf, task, model, loss, components, dataset, live, tensorBoard, progress } = options;
  const { best, schedule, optimizer, checkpoints } = course;
  const { configuration, parameters, log, signal } = run;
  const { epochs, seed, max_steps: maxSteps } = parameters;
  const { training } = configuration;
  const { labels } = dataset.splits.training;
  const { metric } = configuration.export;
  const restored = options.from === null ? null : checkpoints.restore(options.from);
  if (restored !== null) {
    live.resume(restored.progress.history);
    if (restored.isOver) return restored.progress.history;
  }
  return trainModel({
    ...{ tf, task, model, loss, optimizer, dataset, epochs, maxSteps, signal },
    ...(restored === null ? {} : { from: restored.progress }),
    ...(options.compiled.metrics === undefined ? {} : { metrics: options.compiled.metrics }),
    labelSmoothing: training.label_smoothing,
    clipping: training.clip_by === 'none' ? null : { by: training.clip_by, limit: training.clip_limit },
    penalty: training.l1 === 0 && training.l2 === 0 ? null : training,
    classWeights: training.class_weights === 'none' ? null : balancedWeights(labels, dataset.classNames.length),
    learningRateAt: (step) => schedule.at(step),
    batches: { ...components, batchSize: parameters.batch_size, seed },
    onBatch: (epoch, done, total) => progress(`epoch ${epoch}/${epochs}`, done, total, 'batches'),
    onStep: (now, step) => checkpoints.step(now, step),
    onEpoch: async (record, validationScores, now) => {
      recordEpoch(log, record);
      run.echo(describeEpoch(record, epochs, task));
      await live.epoch(record, validationScores);
      await tensorBoard.epoch(record);
      if (schedule.monitor !== undefined) {
        schedule.endEpoch?.(record.epoch, record.values[schedule.monitor] as number);
      }
      const isEnough = best.add(record.epoch, record.values[metric] as number);
      const isLast = record.epoch === epochs || (maxSteps > 0 && now.steps >= maxSteps);
      if (isEnough && !isLast) run.line(earlyEnd(record.epoch, best));
      await checkpoints.epoch(now, { isLast, isOver: isEnough || brokenLoss(record) !== null });
      return isEnough;
    },
  });
}

function checkpointPace(training: TrainingSection): CheckpointPace {
  return {
    everyEpochs: training.checkpoint_epochs,
    everySteps: training.checkpoint_steps,
    everyMinutes: training.checkpoint_minutes,
    kept: training.checkpoints_kept,
  };
}

function describeEpoch({ epoch, values }: EpochRecord, epochs: number, { lineMetrics }: Task): string {
  const numbers = lineMetrics.map((key) => `${key} ${values[key]?.toFixed(4)}`);
  return `epoch ${epoch}/${epochs}: ${numbers.join(', ')}, ${values.epoch_seconds.toFixed(1)} s`;
}

function earlyEnd(epoch: number, { best }: BestEpoch): string {
  const since = best === null ? 'no epoch had a number' : `the best was epoch ${best.epoch}`;
  return `Ended early after epoch ${epoch}: ${since}.`;
}
