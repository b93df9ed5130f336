import type { Batch } from '../components/batch.ts';
import type { Augmentor, Preprocessor } from '../components/preprocessor.ts';
import type { Sample, SampleGenerator } from '../components/sample.ts';
import { randomSource } from '../random.ts';

/** How samples become batches. */
export interface BatchOptions {
  readonly preprocessor: Preprocessor<object>;
  /** Null where samples are left as they are. */
  readonly augmentor: Augmentor<object> | null;
  readonly batchSize: number;
  readonly seed: number;
  /** From 1. */
  readonly epoch: number;
}

/** The samples of a generator as the network gets them, with the random source of their epoch. */
export function preprocessed(generator: SampleGenerator, options: Omit<BatchOptions, 'batchSize'>): SampleGenerator {
  const { preprocessor, augmentor, seed, epoch } = options;
  const augmented =
    augmentor?.addPreprocess(generator, ({ id }) => randomSource(seed, 'augment', epoch, id)) ?? generator;
  return preprocessor.addPreprocess(augmented, ({ id }) => randomSource(seed, 'preprocess', epoch, id));
}

/** The batches of one pass, the last of which may be smaller; every sample is in exactly one. */
export async function* batchesOf(
  generator: SampleGenerator,
  options: BatchOptions,
): AsyncGenerator<{ readonly batch: Batch; readonly samples: readonly Sample[] }> {
  const { batchSize, preprocessor } = options;
  let members: Sample[] = [];
  for await (const sample of preprocessed(generator, options)) {
    members.push(sample);
    if (members.length === batchSize) {
      yield { batch: preprocessor.batchify(members), samples: members };
      members = [];
    }
  }
  if (members.length > 0) yield { batch: preprocessor.batchify(members), samples: members };
}
