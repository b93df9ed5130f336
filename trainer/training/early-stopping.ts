/** What says whether an epoch is better than the best before it. */
export interface BestEpochOptions {
  /** Whether less of the value is better, or more. */
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

  /** How many epochs in a row there were without a better one. */
  get epochsSince(): number {
    return this.#since;
  }

  /** Goes on from what was known when a training was interrupted. */
  restore(best: { readonly epoch: number; readonly value: number } | null, epochsSince: number): void {
    this.#best = best;
    this.#since = epochsSince;
  }

  /** Takes in an epoch (from 1) and its value of what decides; true where it is enough. */
  add(epoch: number, value: number): boolean {
    const { mode, patience } = this.#options;
    const isBetter = this.#best === null || (mode === 'min' ? value < this.#best.value : value > this.#best.value);
    if (Number.isFinite(value) && isBetter) {
      this.#best = { epoch, value };
      this.#since = 0;
    } else this.#since += 1;
    return patience > 0 && this.#since >= patience;
  }
}
