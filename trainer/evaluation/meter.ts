import type { Batch } from '../components/batch.ts';
import type { NamedTensor } from '../tensorflow/named-tensor.ts';
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

  /** What was added so far, for a checkpoint within an epoch. */
  state(): NamedTensor[] {
    return [named('labels', concatenated(this.#labels)), named('scores', this.scores())];
  }

  /** Takes what `state` gave, in place of what was added. */
  restore(state: readonly NamedTensor[]): void {
    const values = (wanted: string) => state.filter(({ name }) => name === wanted).map((tensor) => tensor.values);
    this.#labels.splice(0, Number.POSITIVE_INFINITY, ...(values('labels') as Float32Array[]));
    this.#scores.splice(0, Number.POSITIVE_INFINITY, ...(values('scores') as Float32Array[]));
  }

  /** [samples, outputs] of everything that was added. */
  scores(): Float32Array {
    return concatenated(this.#scores);
  }
}

function named(name: string, values: Float32Array): NamedTensor {
  return { name, shape: [values.length], values };
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
