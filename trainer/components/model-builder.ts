import type { LayersModel, TensorFlow } from '../tensorflow/library.ts';
import { Component } from './component.ts';
import type { EvaluationFunction } from './evaluator.ts';
import type { PixelRange } from './preprocessor.ts';
import type { TaskName } from './task.ts';

/**
 * By name, as Keras calls them. `categorical_crossentropy` takes labels as they are, not one-hot; `binary_crossentropy`
 * takes the label of two classes, or values from 0 to 1, as `mean_squared_error` takes any.
 */
export type LossName = 'binary_crossentropy' | 'categorical_crossentropy' | 'mean_squared_error';

/** What a network is built for. */
export interface ModelTask {
  readonly tf: TensorFlow;
  /** Of one sample: `[height, width, channels]`. */
  readonly inputShape: readonly [height: number, width: number, channels: number];
  /** How many classes there are; 0 where labels are no classes. */
  readonly classes: number;
  /** What the network gets for a pixel's lowest and highest value; null or absent where inputs are no plain pixels. */
  readonly pixelRange?: PixelRange | null;
}

/** The layers that a network begins with and that are never trained, and those behind them. */
export interface FrozenBase {
  /** From the network's input to the features, `[batch, height, width, channels]`. */
  readonly base: LayersModel;
  /** From the features to the network's output; its layers are the network's own, so that who trains it trains them. */
  readonly head: LayersModel;
}

/** An optimizer as the configuration calls it, with its parameters by their names in Keras. */
export interface NamedOptimizer {
  readonly name: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** A network and how it is to be trained. */
export interface CompiledModel {
  readonly model: LayersModel;
  readonly loss: LossName;
  /** In place of `training.optimizer`, for a network that wants one of its own. */
  readonly optimizer?: NamedOptimizer;
  /**
   * Measured in every epoch besides the metrics of the task, by name: the mean over the samples of training and, as
   * `val_…`, of validation. Of networks that tell classes apart.
   */
  readonly metrics?: Readonly<Record<string, EvaluationFunction>>;
  /** Where a network begins with layers that are never trained: what they give need be computed only once. */
  readonly frozenBase?: FrozenBase | null;
}

/** Builds the network. */
export abstract class ModelBuilder<
  Parameters extends object = Readonly<Record<string, never>>,
> extends Component<Parameters> {
  /** What its network is for; of a reconstruction input and output have equally many values, in the same order. */
  get task(): TaskName {
    return 'classification';
  }

  /** Throws UsageError where the parameters alone leave out what is needed; asked before anything is read. */
  checkParameters(): void {}

  /** Throws UsageError where images of this size, in pixels, are not for this network; asked before anything is read. */
  checkImageSize(_height: number, _width: number): void {}

  /** Throws UsageError where the parameters do not fit the data. */
  abstract getCompiledModel(task: ModelTask): CompiledModel | Promise<CompiledModel>;
}
