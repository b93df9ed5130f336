import { UsageError } from '../../src/errors.ts';
import type { LossName } from '../components/model-builder.ts';
import type { Sample, SampleGenerator } from '../components/sample.ts';
import { type BatchOptions, batchesOf } from '../data/batches.ts';
import { meanLogLoss } from './reconstruction-meter.ts';

/** More images change their mean too little to be worth the reading. */
export const imagesAveraged = 2000;

/** Values that a network can give. */
export interface ValueRange {
  readonly low: number;
  readonly high: number;
}

/**
 * The loss of always giving the mean of the images, of the first 2000 of them: what there is to be had without looking.
 * Of squares it is the variance, of the log loss the entropy of the mean.
 * Throws UsageError for an image with values, as the network gets them, that are outside the range; null: there is none.
 */
export async function meanImageLoss(
  samples: SampleGenerator,
  batches: Omit<BatchOptions, 'augmentor' | 'epoch'>,
  { loss, range, network }: { readonly loss: LossName; readonly range: ValueRange | null; readonly network: string },
): Promise<number> {
  let sums = new Float64Array(0);
  let squares = new Float64Array(0);
  let count = 0;
  for await (const { batch, samples: members } of batchesOf(samples, { ...batches, augmentor: null, epoch: 1 })) {
    const length = batch.inputs.length / batch.size;
    if (count === 0) [sums, squares] = [new Float64Array(length), new Float64Array(length)];
    const isAveraged = count < imagesAveraged;
    for (const [index, value] of batch.inputs.entries()) {
      if (range !== null && (value < range.low || value > range.high)) {
        const sample = Math.floor(index / length);
        const values = batch.inputs.subarray(sample * length, (sample + 1) * length);
        throw outOfRange(members[sample] as Sample, values, range, network);
      }
      if (!isAveraged) continue;
      const place = index % length;
      sums[place] = (sums[place] as number) + value;
      squares[place] = (squares[place] as number) + value * value;
    }
    if (isAveraged) count += batch.size;
    // Bytes are all scaled alike; of numbers any may be outside the range.
    const isBounded = range === null || !(members[0]?.pixels instanceof Float32Array);
    if (count >= imagesAveraged && isBounded) break;
  }
  const means = sums.map((sum) => sum / count);
  if (loss === 'binary_crossentropy') return meanLogLoss(means, means);
  const variances = squares.map((square, place) => Math.max(0, square / count - (means[place] as number) ** 2));
  return variances.reduce((sum, variance) => sum + variance, 0) / variances.length;
}

function outOfRange({ id }: Sample, values: Float32Array, range: ValueRange, network: string): UsageError {
  const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  const shown = (value: number) => String(Number(value.toPrecision(4)));
  return new UsageError(
    `The image ${id} has values from ${shown(low)} to ${shown(high)} as the network gets them, but ${network} gives back values from ${range.low} to ${range.high} alone.`,
    { hint: 'Set preprocessor.scaling to unit where they are pixels, else model_builder.output_activation to linear.' },
  );
}
