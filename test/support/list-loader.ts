import { DataLoader } from '../../trainer/components/data-loader.ts';
import { generatorOf, type Sample, type SampleGenerator } from '../../trainer/components/sample.ts';
import { plainSetup } from '../../trainer/components/setup.ts';
import { type Dataset, readDataset, type SplitName } from '../../trainer/data/dataset.ts';
import { SyntheticCellsLoader } from '../../trainer/data/loaders/synthetic.ts';
import { StandardPreprocessor } from '../../trainer/data/preprocessors/standard.ts';
import type { ShownSamples } from '../../trainer/evaluation/charts/sample-sheets.ts';
import { randomSource, shuffled } from '../../trainer/random.ts';

/** A loader of samples that a test has made. */
export class ListLoader extends DataLoader {
  readonly #parts: Readonly<Record<SplitName, readonly Sample[]>>;
  override readonly classNames: readonly string[];

  constructor(parts: Readonly<Record<SplitName, readonly Sample[]>>, classNames: readonly string[], seed = 1) {
    super({}, { ...plainSetup, seed });
    this.#parts = parts;
    this.classNames = classNames;
  }

  override createTrainingGenerator(epoch = 1): SampleGenerator {
    return generatorOf(shuffled(this.#parts.training, randomSource(this.setup.seed, 'order', epoch)));
  }

  override createValidationGenerator(): SampleGenerator {
    return generatorOf(this.#parts.validation);
  }

  override createTestGenerator(): SampleGenerator {
    return generatorOf(this.#parts.test);
  }

  override getValidationIndex(): readonly string[] {
    return this.#parts.validation.map(({ id }) => id);
  }
}

/** A data set of samples that a test has made. */
export function listDataset(
  parts: Partial<Record<SplitName, readonly Sample[]>> & { readonly training: readonly Sample[] },
  classNames: readonly string[] = ['no', 'yes'],
  seed = 1,
): Promise<Dataset> {
  const { training, validation = training, test = validation } = parts;
  return readDataset(new ListLoader({ training, validation, test }, classNames, seed));
}

/** Every sample of a generator. */
export async function allSamples(generator: SampleGenerator): Promise<Sample[]> {
  const samples: Sample[] = [];
  for await (const sample of generator) samples.push(sample);
  return samples;
}

/** Synthetic cells, so many of each part. */
export async function syntheticLoader(
  counts: Readonly<Record<SplitName, number>>,
  setup: { readonly imageSize?: number; readonly seed?: number } = {},
): Promise<SyntheticCellsLoader> {
  const { imageSize = 32, seed = 1 } = setup;
  const loader = new SyntheticCellsLoader(
    { training_samples: counts.training, validation_samples: counts.validation, test_samples: counts.test },
    { ...plainSetup, seed, inputHeight: imageSize, inputWidth: imageSize },
  );
  await loader.open();
  return loader;
}

/** Samples as the sheets of predictions take them. */
export function shownSamples(samples: readonly Sample[]): ShownSamples {
  return {
    preprocessor: new StandardPreprocessor(),
    read: async (places) => places.map((place) => samples[place] as Sample),
  };
}
