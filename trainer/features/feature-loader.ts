import { DataLoader, type DataOrigin } from '../components/data-loader.ts';
import type { IndexedSample, Sample, SampleGenerator } from '../components/sample.ts';
import type { Dataset, SplitName } from '../data/dataset.ts';
import type { FeatureFile } from './feature-file.ts';

/** Rows read at the same time. */
const windowSamples = 64;

/** The shape of features as that of an image. */
export type FeatureShape = readonly [height: number, width: number, channels: number];

/** Gives what another loader gives, in its order, with features in place of the pixels. */
class FeatureLoader extends DataLoader {
  readonly #loader: DataLoader<object>;
  readonly #files: Readonly<Record<SplitName, FeatureFile>>;
  readonly #shape: FeatureShape;

  constructor(loader: DataLoader<object>, files: Readonly<Record<SplitName, FeatureFile>>, shape: FeatureShape) {
    super({}, loader.setup);
    this.#loader = loader;
    this.#files = files;
    this.#shape = shape;
  }

  override get classNames(): readonly string[] {
    return this.#loader.classNames;
  }

  override get origin(): DataOrigin {
    return this.#loader.origin;
  }

  override createTrainingGenerator(epoch = 1): SampleGenerator {
    return this.#generator('training', epoch, () => this.#loader.createTrainingGenerator(epoch));
  }

  override createValidationGenerator(): SampleGenerator {
    return this.#generator('validation', 1, () => this.#loader.createValidationGenerator());
  }

  override createTestGenerator(): SampleGenerator {
    return this.#generator('test', 1, () => this.#loader.createTestGenerator());
  }

  override getValidationIndex(): readonly string[] {
    return this.#loader.getValidationIndex();
  }

  override listPart(part: SplitName, epoch = 1): readonly IndexedSample[] | null {
    return this.#loader.listPart(part, epoch);
  }

  override fingerprintOf(id: string): number | null {
    return this.#loader.fingerprintOf(id);
  }

  /** Where the loader knows its order by itself, no image is read. */
  #generator(part: SplitName, epoch: number, withImages: () => SampleGenerator): SampleGenerator {
    const listed = this.#loader.listPart(part, epoch);
    const samples = listed ?? withImages();
    const [file, [height, width, channels]] = [this.#files[part], this.#shape];
    return {
      count: listed === null ? (samples as SampleGenerator).count : listed.length,
      async *[Symbol.asyncIterator]() {
        const reader = await file.open();
        try {
          for await (const window of windowsOf(samples)) {
            const rows = await reader.rows(window.map(({ id }) => id));
            for (const [index, { id, label, weight }] of window.entries()) {
              const pixels = rows[index] as Float32Array;
              yield { id, label, weight, pixels, height, width, channels } satisfies Sample;
            }
          }
        } finally {
          await reader.close();
        }
      },
    };
  }
}

/** Samples so many at a time, without their pixels. */
async function* windowsOf(
  samples: Iterable<IndexedSample> | AsyncIterable<IndexedSample>,
): AsyncGenerator<IndexedSample[]> {
  let window: IndexedSample[] = [];
  for await (const { id, label, weight } of samples) {
    window.push({ id, label, weight });
    if (window.length < windowSamples) continue;
    yield window;
    window = [];
  }
  if (window.length > 0) yield window;
}

/** A data set with the features of its samples in place of their pixels. */
export function featureDataset(
  dataset: Dataset,
  files: Readonly<Record<SplitName, FeatureFile>>,
  shape: FeatureShape,
): Dataset {
  const loader = new FeatureLoader(dataset.loader, files, shape);
  return { ...dataset, imageShape: shape, dtype: 'float32', loader };
}
