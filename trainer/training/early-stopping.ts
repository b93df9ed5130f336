import { UsageError } from '../../src/errors.ts';
import { closest } from '../../src/util/closest.ts';
import type { EpochRecord } from './history.ts';

/** What says whether an epoch is better than the best before it. */
export interface BestEpochOptions {
  /** Key of a metric of the epochs. */
  readonly metric: string;
  readonly mode: 'min' | 'max';
  /** Epochs in a row without a better one after which it is enough; 0 means never. */
  readonly patience: number;
}

/** Knows the best epoch, and whether there has been none for so long that a training may end. */
export class BestEpoch {
  readonly #options: BestEpochOptions;
  #best: { readonly epoch: number; readonly value: number } | null = null;
  #since = 0;

  constructor(options: BestEpochOptions) {
    this.#options = options;
  }

  /** The best epoch so far and its value; null before the first with a number. */
  get best(): { readonly epoch: number; readonly value: number } | null {
    return this.#best;
  }

  /** Takes an epoch in; true where it is enough. Throws UsageError where the epochs have no such metric. */
  add({ epoch, values }: EpochRecord): boolean {
    const { metric, mode, patience } = this.#options;
    const value = values[metric];
    if (value === undefined) {
      const nearest = closest(metric, Object.keys(values));
      throw new UsageError(`Setting export.metric is '${metric}', but no epoch has such a metric.`, {
        hint: nearest === undefined ? `There are ${Object.keys(values).join(', ')}.` : `Did you mean ${nearest}?`,
      });
    }
    const isBetter = this.#best === null || (mode === 'min' ? value < this.#best.value : value > this.#best.value);
    if (Number.isFinite(value) && isBetter) {
      this.#best = { epoch, value };
      this.#since = 0;
    } else this.#since += 1;
    return patience > 0 && this.#since >= patience;
  }
}
