import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { atomicWriteFile } from '../src/util/atomic-write-file.ts';
import type { Augmentor } from './components/preprocessor.ts';
import { samplesOf } from './data/dataset.ts';
import { filterSheet, firstLayerFilters } from './evaluation/charts/first-layer-filters.ts';
import { learningCurves } from './evaluation/charts/learning-curves.ts';
import { DrawingPace } from './evaluation/drawing-pace.ts';
import { firstLayerKernels } from './evaluation/first-layer.ts';
import type { Kernels } from './evaluation/images/filter-pictures.ts';
import { encodePng } from './evaluation/images/png.ts';
import type { ScoredPart } from './evaluation/scored-part.ts';
import type { Task } from './evaluation/tasks/task.ts';
import { type AskedNetwork, partSamples } from './part-samples.ts';
import { attempt, drawPicture } from './pictures.ts';
import type { EpochRecord } from './training/history.ts';

/** What is trained, and where it is told. */
export interface LivePicturesOptions extends AskedNetwork {
  readonly task: Task;
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
  #validation: ScoredPart | null = null;
  #drawnEpochs = 0;

  private constructor(options: LivePicturesOptions, before: Kernels | null) {
    this.#options = options;
    this.#before = before;
  }

  /** Draws the training's samples and keeps the weights it begins with. */
  static async start(options: LivePicturesOptions): Promise<LivePictures> {
    const { run, tf, task, model, dataset, preprocessor, augmentor } = options;
    const { seed } = run.parameters;
    const live = new LivePictures(options, await firstLayerKernels(tf, model));
    const samples = samplesOf(dataset, 'training', 1);
    const batches = { preprocessor, augmentor, seed, epoch: 1 };
    const { name, make } = task.trainingPicture({ samples, classNames: dataset.classNames, batches });
    await drawPicture(run, name, make);
    await live.#logFilters(0);
    return live;
  }

  /** What the network gave for the validation set after the last epoch, or what was shown since; null before the first. */
  get validation(): ScoredPart | null {
    return this.#validation;
  }

  /** Takes in the epochs before a training was interrupted. */
  resume(history: readonly EpochRecord[]): void {
    this.#history.push(...history);
  }

  /** Has the pictures of the validation set drawn of what the network gave for it now, at the end. */
  show(validation: ScoredPart): void {
    this.#validation = validation;
    this.#drawnEpochs = 0;
  }

  /** Takes an epoch in, and draws where it is time to. */
  async epoch(record: EpochRecord, validationScores: Float32Array): Promise<void> {
    const { dataset, run } = this.#options;
    this.#history.push(record);
    const { ids, labels } = dataset.splits.validation;
    this.#validation = { ids, labels, scores: validationScores, classNames: dataset.classNames };
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
    const { run, task } = this.#options;
    const validation = this.#validation;
    this.#drawnEpochs = this.#history.length;
    return this.#pace.draw(async () => {
      await drawPicture(run, 'learning-curves', () => learningCurves(this.#history));
      if (validation === null) return;
      for (const { name, make } of task.validationPictures(validation, partSamples(this.#options, 'validation'))) {
        await drawPicture(run, name, make);
      }
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
