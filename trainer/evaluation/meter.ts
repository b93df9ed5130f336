import type { Batch } from '../components/batch.ts';
import type { Metrics } from './metrics.ts';
import { modelMetrics } from './model-metrics.ts';
import { predictionsOf } from './predictions.ts';

/** Takes in what a network gave, batch by batch, and says how good it was over all of them. */
export class Meter {
  readonly #classNames: readonly string[];
  readonly #labels: Float32Array[] = [];
  readonly #scores: Float32Array[] = [];

  constructor(classNames: readonly string[]) {
    this.#classNames = classNames;
  }

  /** `scores` is [batch, outputs]. */
  add({ targets }: Pick<Batch, 'targets'>, scores: Float32Array): void {
    this.#labels.push(targets);
    this.#scores.push(scores);
  }

  /** Exact, over all samples that were added. */
  metrics(): Metrics {
    const labels = concatenated(this.#labels);
    return modelMetrics(predictionsOf({ ids: [], labels, scores: this.scores(), classNames: this.#classNames }));
  }

  /** [samples, outputs] of everything that was added. */
  scores(): Float32Array {
    return concatenated(this.#scores);
  }
}

/** Arrays one after another. */
function concatenated(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let place = 0;
  for (const part of parts) {
    all.set(part, place);
    place += part.length;
  }
  return all;
}
