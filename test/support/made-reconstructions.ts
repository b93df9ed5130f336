import type { Batch } from '../../trainer/components/batch.ts';
import type { Sample } from '../../trainer/components/sample.ts';
import { batchesOf } from '../../trainer/data/batches.ts';
import { StandardPreprocessor } from '../../trainer/data/preprocessors/standard.ts';
import { errorNames, sampleErrors } from '../../trainer/evaluation/reconstruction-meter.ts';
import type { PartSamples, ScoredPart } from '../../trainer/evaluation/scored-part.ts';
import { randomSource } from '../../trainer/random.ts';

const preprocessor = new StandardPreprocessor({ scaling: 'unit' });

/** What a network that is not there gives: of each image half of its brightness, of those of class 1 a quarter. */
function darker({ inputs, size, targets }: Batch): Float32Array {
  const length = inputs.length / size;
  return inputs.map((value, place) => value * (targets[Math.floor(place / length)] === 1 ? 0.25 : 0.5));
}

/** Images of noise, in two classes by turns, and the errors of such a network. */
export function madeReconstructions(options: {
  readonly count: number;
  readonly side: number;
  readonly classNames?: readonly string[];
  readonly channels?: 1 | 3;
}): { readonly part: ScoredPart; readonly samples: readonly Sample[] } {
  const { count, side, classNames = [], channels = 1 } = options;
  const samples = Array.from({ length: count }, (_, index): Sample => {
    const random = randomSource('reconstructions', index);
    const pixels = Uint8Array.from({ length: side * side * channels }, () => 100 + random.integer(156));
    return { id: `image-${index}`, pixels, height: side, width: side, channels, label: index % 2, weight: 1 };
  });
  const scores = new Float32Array(count * errorNames.length);
  for (const [index, sample] of samples.entries()) {
    const batch = preprocessor.batchify([sample]);
    const errors = sampleErrors(batch.inputs, darker(batch), 'mean_squared_error');
    scores.set(
      errorNames.map((name) => errors[name]),
      index * errorNames.length,
    );
  }
  const labels = Int32Array.from(samples, ({ label }) => label);
  return { part: { ids: samples.map(({ id }) => id), labels, classNames, scores }, samples };
}

/** The samples, and the network asked again. */
export function reconstructed(samples: readonly Sample[]): PartSamples {
  return {
    preprocessor,
    all: () => ({
      count: samples.length,
      async *[Symbol.asyncIterator]() {
        yield* samples;
      },
    }),
    read: async (places) => places.map((place) => samples[place] as Sample),
    score: async (generator, taker) => {
      const options = { preprocessor, augmentor: null, batchSize: 7, seed: 1, epoch: 1 };
      for await (const { batch } of batchesOf(generator, options)) taker.add(batch, darker(batch));
    },
  };
}
