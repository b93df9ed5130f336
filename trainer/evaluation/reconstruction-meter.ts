import type { Batch } from '../components/batch.ts';
import type { LossName } from '../components/model-builder.ts';
import type { NamedTensor } from '../tensorflow/named-tensor.ts';
import { asVector, concatenated, type Meter, vectorOf } from './meter.ts';
import { scoreEpsilon } from './metrics.ts';

/** What is measured of each reconstruction, in the order in which it is kept. */
export const errorNames = ['loss', 'mse', 'mae'] as const;

export type ErrorName = (typeof errorNames)[number];

/** Of one sample the mean over its values. */
export type SampleErrors = Readonly<Record<ErrorName, number>>;

/**
 * How far a reconstruction is from what the network got: `mse` and `mae` are Keras's `mean_squared_error` and
 * `mean_absolute_error`, and `loss` the one of the training.
 */
export function sampleErrors(wanted: Float32Array, given: Float32Array, loss: LossName): SampleErrors {
  let [squared, absolute] = [0, 0];
  for (let place = 0; place < wanted.length; place += 1) {
    const difference = (given[place] as number) - (wanted[place] as number);
    squared += difference * difference;
    absolute += Math.abs(difference);
  }
  const [mse, mae] = [squared / wanted.length, absolute / wanted.length];
  return { loss: loss === 'binary_crossentropy' ? meanLogLoss(wanted, given) : mse, mse, mae };
}

/** The mean log loss of values from 0 to 1; what was given is kept 2^-23 away from both. */
export function meanLogLoss(wanted: ArrayLike<number>, given: ArrayLike<number>): number {
  let sum = 0;
  for (let place = 0; place < wanted.length; place += 1) {
    const [value, share] = [wanted[place] as number, given[place] as number];
    const probability = Math.min(Math.max(share, scoreEpsilon), 1 - scoreEpsilon);
    sum -= value * Math.log(probability) + (1 - value) * Math.log1p(-probability);
  }
  return sum / wanted.length;
}

/** Keeps the errors of each sample, and none of its values: memory does not grow with their number. */
export class ReconstructionMeter implements Meter {
  readonly #loss: LossName;
  readonly #errors: Float32Array[] = [];

  constructor(loss: LossName) {
    this.#loss = loss;
  }

  add({ inputs, size }: Pick<Batch, 'inputs' | 'size'>, scores: Float32Array): void {
    const length = inputs.length / size;
    const kept = new Float32Array(size * errorNames.length);
    for (let sample = 0; sample < size; sample += 1) {
      const [start, end] = [sample * length, (sample + 1) * length];
      const errors = sampleErrors(inputs.subarray(start, end), scores.subarray(start, end), this.#loss);
      for (const [column, name] of errorNames.entries()) kept[sample * errorNames.length + column] = errors[name];
    }
    this.#errors.push(kept);
  }

  metrics(): SampleErrors {
    return meanErrors(this.scores());
  }

  state(): NamedTensor[] {
    return [asVector('errors', this.scores())];
  }

  restore(state: readonly NamedTensor[]): void {
    this.#errors.splice(0, Number.POSITIVE_INFINITY, vectorOf(state, 'errors') as Float32Array);
  }

  /** [samples, 3]: the errors of each, in the order of `errorNames`. */
  scores(): Float32Array {
    return concatenated(this.#errors);
  }
}

/** The mean of each kind of error over rows of what a meter keeps; NaN without samples. */
export function meanErrors(scores: Float32Array): SampleErrors {
  const sums = errorNames.map(() => 0);
  for (const [index, error] of scores.entries()) {
    const column = index % errorNames.length;
    sums[column] = (sums[column] as number) + error;
  }
  const count = scores.length / errorNames.length;
  const [loss, mse, mae] = sums.map((sum) => sum / count) as [number, number, number];
  return { loss, mse, mae };
}
