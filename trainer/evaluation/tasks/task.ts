import type { Batch } from '../../components/batch.ts';
import type { EvaluationFunction } from '../../components/evaluator.ts';
import type { LossName } from '../../components/model-builder.ts';
import type { SampleGenerator } from '../../components/sample.ts';
import type { TaskName } from '../../components/task.ts';
import type { BatchOptions } from '../../data/batches.ts';
import type { LayersModel, Tensor, TensorFlow } from '../../tensorflow/library.ts';
import type { Chart } from '../charts/chart.ts';
import type { Meter } from '../meter.ts';
import type { PointEvaluation } from '../point-table.ts';
import type { Table } from '../prediction-files.ts';
import type { PartSamples, ScoredPart } from '../scored-part.ts';
import type { ThresholdEffect } from '../threshold-choice.ts';

/** A picture that is yet to be made. */
export interface PictureOf {
  /** File name without its end. */
  readonly name: string;
  readonly make: () => Chart | Promise<Chart>;
}

/** What is known before a training. */
export interface TaskSetup {
  readonly model: LayersModel;
  /** The network as the configuration calls it. */
  readonly network: string;
  readonly loss: LossName;
  readonly inputShape: readonly number[];
  readonly classNames: readonly string[];
  /** The training samples, in the order of an epoch. */
  readonly samples: SampleGenerator;
  readonly batches: Omit<BatchOptions, 'augmentor' | 'epoch'>;
}

/** Which threshold was looked at, and what it does. */
export interface ThresholdRow {
  readonly chosen: string;
  readonly effect: ThresholdEffect;
}

/**
 * What a network is for, and with that everything that is measured, shown and written of it. Whoever trains, tests or
 * tells asks the task and does not need to know which one it is.
 */
export interface Task {
  readonly name: TaskName;
  /** What is measured in every epoch, of training and, as `val_…`, of validation; the loss first. */
  readonly metricNames: readonly string[];
  /** Metrics that stand in the line of an epoch, of training or validation. */
  readonly lineMetrics: readonly string[];
  readonly losses: readonly LossName[];
  /** Whether labels tell the network what to learn. */
  readonly learnsLabels: boolean;
  /** Evaluator where none is named. */
  readonly evaluator: string;
  /** Settings whose default fits no network of this task, by section and name, and what stands in its place. */
  readonly defaults: Readonly<Record<string, Readonly<Record<string, string>>>>;

  /**
   * Looks whether network and data fit the task and each other, and gives the loss of a network that has learned nothing
   * but what is usual: a training is measured by it. Throws UsageError where something does not fit.
   */
  guessingLoss(setup: TaskSetup): Promise<number>;
  /** What is known of the classes, by the name under which the run keeps it. */
  describeClasses(classNames: readonly string[]): Readonly<Record<string, string | number>>;
  /** What the network is to give for a batch, of which `inputs` are on the device. */
  targets(tf: TensorFlow, batch: Batch, inputs: Tensor): Tensor;
  /** `functions` are measured besides the task's own metrics; only a classification takes any. */
  createMeter(setup: {
    readonly classNames: readonly string[];
    readonly loss: LossName;
    readonly functions?: Readonly<Record<string, EvaluationFunction>>;
  }): Meter;

  /** Of the samples before the first epoch. */
  trainingPicture(options: {
    readonly samples: SampleGenerator;
    readonly classNames: readonly string[];
    readonly batches: Omit<BatchOptions, 'batchSize'>;
  }): PictureOf;
  /** Drawn while the training goes on, of the validation part. */
  validationPictures(part: ScoredPart, samples: PartSamples): readonly PictureOf[];
  testPictures(part: ScoredPart, samples: PartSamples): readonly PictureOf[];

  /** By name, without a prefix. */
  testMetrics(part: ScoredPart): Readonly<Record<string, number>>;
  /** Writes `predictions.csv`: every sample in its order. */
  writePredictions(file: string, part: ScoredPart): Promise<void>;
  /** The samples with the highest loss first, as many as MLflow shows. */
  predictionTable(part: ScoredPart): Table;
  /** Null where the data has no classes. */
  classTable(part: ScoredPart): Table | null;
  /** A row a data point; what an evaluation function throws goes up as it is. */
  evaluatePoints(
    part: ScoredPart,
    functions: Readonly<Record<string, EvaluationFunction>>,
    samples: PartSamples,
  ): Promise<PointEvaluation>;
  /** What stands out in a test, each as a sentence, the gravest first. */
  testRemarks(part: ScoredPart, guessingLoss: number): readonly string[];
  thresholds(test: ScoredPart, validation: ScoredPart): readonly ThresholdRow[];
}
