import path from 'node:path';
import { errorMessage } from '../src/errors.ts';
import type { Augmentor, Preprocessor } from './components/preprocessor.ts';
import { type Dataset, samplesOf } from './data/dataset.ts';
import { filterSheet } from './evaluation/charts/first-layer-filters.ts';
import type { EpochValues } from './evaluation/charts/learning-curves.ts';
import { sampleSheet } from './evaluation/charts/sample-sheets.ts';
import { DrawingPace } from './evaluation/drawing-pace.ts';
import { firstLayerKernels } from './evaluation/first-layer.ts';
import { encodePng } from './evaluation/images/png.ts';
import { recordArtifacts } from './run-record.ts';
import { EventFile, eventFiles } from './tensorboard/event-file.ts';
import { histogramBuckets } from './tensorboard/histogram.ts';
import { histogramSummary, imageSummary, type SummaryValue, scalarSummary } from './tensorboard/summary.ts';
import type { LayersModel, TensorFlow } from './tensorflow/library.ts';
import type { TrainingRun } from './training-run.ts';

/** What is trained, and where it is told. */
export interface TensorBoardOptions {
  readonly run: TrainingRun;
  readonly tf: TensorFlow;
  readonly model: LayersModel;
  readonly dataset: Dataset;
  readonly preprocessor: Preprocessor<object>;
  readonly augmentor: Augmentor<object> | null;
  /** The last epoch that an interrupted training has behind it; 0 for one from its beginning. */
  readonly fromEpoch?: number;
}

/** As Keras calls them: TensorBoard draws equal names of different runs into one chart. */
const runNames = { training: 'train', validation: 'validation', test: 'test' } as const;
type RunName = (typeof runNames)[keyof typeof runNames];

/** Histograms and filters take at most a hundredth of the training's time. */
const detailPace = { restFactor: 100, leastRestMs: 0 } as const;
/** Steps of histograms and filters. */
const detailStepsAtMost = 100;

/**
 * The event files of a training, which TensorBoard shows while it goes on: `<run>/tensorboard/{train,validation,test}`.
 * Nothing is written where the configuration says so. Where a file cannot be written, a warning tells it, and the training
 * goes on without.
 */
export class TensorBoardFiles {
  readonly #options: TensorBoardOptions;
  readonly #directory: string;
  readonly #pace = new DrawingPace(detailPace);
  readonly #files = new Map<RunName, EventFile>();
  readonly #firstStep: number;
  #isWritten: boolean;
  #lastEpoch: number;
  #lastDetails: number;

  private constructor(options: TensorBoardOptions) {
    const { run, fromEpoch = 0 } = options;
    this.#options = options;
    this.#directory = path.join(run.folder.directory, 'tensorboard');
    this.#firstStep = fromEpoch === 0 ? 0 : fromEpoch + 1;
    this.#lastEpoch = fromEpoch;
    this.#lastDetails = fromEpoch;
    this.#isWritten = run.configuration.training.tensorboard;
  }

  /** Writes samples of the first epoch and the weights before it, where the training is at its beginning. */
  static async start(options: TensorBoardOptions): Promise<TensorBoardFiles> {
    const files = new TensorBoardFiles(options);
    await files.#attempt(async () => {
      if (files.#firstStep > 0) return;
      await files.#write(runNames.training, 1, await files.#samples());
      await files.#writeDetails(0);
    });
    return files;
  }

  /** Writes the metrics of an epoch, and its weights where it is time to. */
  async epoch({ epoch, values }: EpochValues): Promise<void> {
    this.#lastEpoch = epoch;
    await this.#attempt(async () => {
      const ofValidation = withoutPrefix(values, 'val_');
      const ofTraining = Object.entries(values).filter(([key]) => !key.startsWith('val_'));
      await this.#write(runNames.training, epoch, scalars(Object.fromEntries(ofTraining)));
      await this.#write(runNames.validation, epoch, scalars(ofValidation));
      const { epochs } = this.#options.run.parameters;
      const isStep = epoch % Math.ceil(epochs / detailStepsAtMost) === 0;
      if (isStep && this.#pace.isDue()) await this.#writeDetails(epoch);
    });
  }

  /** Writes the weights that the last epoch ended with. */
  async trained(): Promise<void> {
    if (this.#lastDetails < this.#lastEpoch) await this.#attempt(() => this.#writeDetails(this.#lastEpoch));
  }

  /** Closes and logs the files of training and validation, also of those that were stopped. */
  async finish(): Promise<void> {
    await this.#attempt(() => this.#close([runNames.training, runNames.validation]));
  }

  /** Writes and logs what the test gave, by keys as `test_loss`. */
  async test(metrics: Readonly<Record<string, number>>, epoch: number): Promise<void> {
    await this.#attempt(async () => {
      await this.#write(runNames.test, epoch, scalars(withoutPrefix(metrics, 'test_')));
      await this.#close([runNames.test]);
    });
  }

  async #samples(): Promise<SummaryValue[]> {
    const { run, dataset, preprocessor, augmentor } = this.#options;
    const { seed } = run.parameters;
    const batches = { preprocessor, augmentor, seed, epoch: 1 };
    const sheet = await sampleSheet(samplesOf(dataset, 'training', 1), dataset.classNames, batches);
    return sheet === null ? [] : [imageSummary('training_samples', { ...sheet, png: encodePng(sheet) })];
  }

  #writeDetails(epoch: number): Promise<void> {
    const { tf, model } = this.#options;
    this.#lastDetails = epoch;
    return this.#pace.draw(async () => {
      const values: SummaryValue[] = [];
      for (const weight of model.trainableWeights) {
        const buckets = histogramBuckets((await weight.read().data()) as Float32Array);
        if (buckets !== null) values.push(histogramSummary(weight.originalName, buckets));
      }
      const kernels = await firstLayerKernels(tf, model);
      const sheet = kernels === null ? null : filterSheet(kernels);
      if (sheet !== null) values.push(imageSummary('first_layer_filters', { ...sheet, png: encodePng(sheet) }));
      await this.#write(runNames.training, epoch, values);
    });
  }

  async #write(name: RunName, step: number, values: readonly SummaryValue[]): Promise<void> {
    let file = this.#files.get(name);
    if (file === undefined) {
      file = await EventFile.create(path.join(this.#directory, name), this.#firstStep);
      this.#files.set(name, file);
    }
    await file.write(step, values);
  }

  /** Logs all files of the folders: also those of an earlier life of the training, which could not. */
  async #close(names: readonly RunName[]): Promise<void> {
    const { run } = this.#options;
    for (const name of names) {
      const file = this.#files.get(name);
      this.#files.delete(name);
      await file?.close();
      const directory = path.join(this.#directory, name);
      const written = (await eventFiles(directory)).map((each) => path.join(directory, each));
      recordArtifacts(run.log, run.folder.directory, written);
    }
  }

  /** After a failure nothing more is written: what stood behind half a record could not be read. */
  async #attempt(work: () => Promise<void>): Promise<void> {
    if (!this.#isWritten) return;
    try {
      await work();
    } catch (error) {
      this.#isWritten = false;
      await Promise.allSettled(Array.from(this.#files.values(), (file) => file.close()));
      this.#options.run.warn(`warning: the files for TensorBoard could not be written: ${errorMessage(error)}`);
    }
  }
}

/** Under Keras's names: `epoch_loss`, `epoch_learning_rate`. */
function scalars(values: Readonly<Record<string, number>>): SummaryValue[] {
  return Object.entries(values).map(([key, value]) =>
    scalarSummary(key.startsWith('epoch_') ? key : `epoch_${key}`, value),
  );
}

function withoutPrefix(values: Readonly<Record<string, number>>, prefix: string): Record<string, number> {
  const entries = Object.entries(values).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(entries.map(([key, value]) => [key.slice(prefix.length), value]));
}
