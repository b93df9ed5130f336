import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { atomicWriteFile } from '../src/util/atomic-write-file.ts';
import type { Augmentor, Preprocessor } from './components/preprocessor.ts';
import { type Dataset, samplesOf } from './data/dataset.ts';
import { confusionMatrix } from './evaluation/charts/confusion-matrix.ts';
import { filterSheet, firstLayerFilters } from './evaluation/charts/first-layer-filters.ts';
import { learningCurves } from './evaluation/charts/learning-curves.ts';
import { trainingSheet } from './evaluation/charts/sample-sheets.ts';
import { scoreHistogram } from './evaluation/charts/score-histogram.ts';
import { DrawingPace } from './evaluation/drawing-pace.ts';
import { firstLayerKernels } from './evaluation/first-layer.ts';
import type { Kernels } from './evaluation/images/filter-pictures.ts';
import { encodePng } from './evaluation/images/png.ts';
import { confusionCounts, countUnscored, type Predictions, predictionsOf } from './evaluation/predictions.ts';
import { attempt, drawPicture } from './pictures.ts';
import type { LayersModel, TensorFlow } from './tensorflow/library.ts';
import type { EpochRecord } from './training/history.ts';
import type { TrainingRun } from './training-run.ts';

/** What is trained, and where it is told. */
export interface LivePicturesOptions {
  readonly run: TrainingRun;
  readonly tf: TensorFlow;
  readonly model: LayersModel;
  readonly dataset: Dataset;
  readonly preprocessor: Preprocessor<object>;
  readonly augmentor: Augmentor<object> | null;
}

/**
 * Charts take at most a fortieth of a long training and the pictures of the filters a hundredth. With the first and the
 * last drawing, which come in any case, that is less than a twentieth from a minute on, while a drawing takes less than
 * half a second.
 */
export const chartPace = { restFactor: 40, leastRestMs: 10_000 } as const;
export const filterPace = { restFactor: 100, leastRestMs: 2_000 } as const;
/** Steps of the slider over the filters. */
const filterStepsAtMost = 100;

/** Pictures that change while a training goes on. */
export class LivePictures {
  readonly #options: LivePicturesOptions;
  readonly #before: Kernels | null;
  readonly #pace = new DrawingPace(chartPace);
  readonly #filterPace = new DrawingPace(filterPace);
  readonly #history: EpochRecord[] = [];
  #validation: Predictions | null = null;
  #drawnEpochs = 0;

  private constructor(options: LivePicturesOptions, before: Kernels | null) {
    this.#options = options;
    this.#before = before;
  }

  /** Draws the training's samples and keeps the weights it begins with. */
  static async start(options: LivePicturesOptions): Promise<LivePictures> {
    const { run, tf, model, dataset, preprocessor, augmentor } = options;
    const { seed } = run.parameters;
    const live = new LivePictures(options, await firstLayerKernels(tf, model));
    const samples = samplesOf(dataset, 'training', 1);
    await drawPicture(run, 'training-samples', () =>
      trainingSheet({ samples, classNames: dataset.classNames, batches: { preprocessor, augmentor, seed, epoch: 1 } }),
    );
    await live.#logFilters(0);
    return live;
  }

  /** The predictions of the validation set after the last epoch, or those that were shown since; null before the first. */
  get validation(): Predictions | null {
    return this.#validation;
  }

  /** Takes in the epochs before a training was interrupted. */
  resume(history: readonly EpochRecord[]): void {
    this.#history.push(...history);
  }

  /** Has the pictures of the validation set drawn of these predictions at the end. */
  show(validation: Predictions): void {
    this.#validation = validation;
    this.#drawnEpochs = 0;
  }

  /** Takes an epoch in, and draws where it is time to. */
  async epoch(record: EpochRecord, validationScores: Float32Array): Promise<void> {
    const { dataset, run } = this.#options;
    this.#history.push(record);
    const { ids, labels } = dataset.splits.validation;
    const { classNames } = dataset;
    this.#validation = predictionsOf({ ids, labels, scores: validationScores, classNames });
    const { epoch } = record;
    const isLast = epoch === run.parameters.epochs;
    if (!isLast && this.#pace.isDue()) await this.#draw();
    const isStep = isLast || epoch % Math.ceil(run.parameters.epochs / filterStepsAtMost) === 0;
    if (isStep && (isLast || this.#filterPace.isDue())) await this.#logFilters(epoch);
  }

  /** Draws the last state, also of a training that was stopped. */
  async finish(): Promise<void> {
    if (this.#drawnEpochs < this.#history.length) await this.#draw();
    const { run, tf, model } = this.#options;
    const before = this.#before;
    if (before === null) return;
    await attempt(run, 'the filters could not be read', async () => {
      const after = (await firstLayerKernels(tf, model)) ?? before;
      await drawPicture(run, 'first-layer-filters', () => firstLayerFilters(before, after));
    });
  }

  #draw(): Promise<void> {
    const { run } = this.#options;
    const validation = this.#validation;
    this.#drawnEpochs = this.#history.length;
    return this.#pace.draw(async () => {
      await drawPicture(run, 'learning-curves', () => learningCurves(this.#history));
      if (validation === null) return;
      await drawPicture(run, 'validation-score-histogram', () =>
        scoreHistogram(validation, { name: 'validation-score-histogram', title: 'Validation scores by class' }),
      );
      await drawPicture(run, 'validation-confusion-matrix', () =>
        confusionMatrix({
          name: 'validation-confusion-matrix',
          title: 'Validation confusion matrix',
          classNames: validation.classNames,
          counts: confusionCounts(validation),
          threshold: validation.threshold,
          unscored: countUnscored(validation),
        }),
      );
    });
  }

  /** A picture an epoch, which MLflow shows with a slider; none where the first layer is no convolution. */
  #logFilters(epoch: number): Promise<void> {
    if (this.#before === null) return Promise.resolve();
    const { run, tf, model } = this.#options;
    return this.#filterPace.draw(() =>
      attempt(run, `the filters of epoch ${epoch} could not be drawn`, async () => {
        const kernels = await firstLayerKernels(tf, model);
        const sheet = kernels === null ? null : filterSheet(kernels);
        if (sheet === null) return;
        // A file for each: the one that was logged is read later.
        const directory = path.join(run.folder.directory, 'images');
        await mkdir(directory, { recursive: true });
        const file = path.join(directory, `first-layer-filters-${String(epoch).padStart(5, '0')}.png`);
        await atomicWriteFile(file, encodePng(sheet));
        run.log.image('first_layer_filters', file, epoch);
      }),
    );
  }
}
