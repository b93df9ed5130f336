import type { Batch } from '../components/batch.ts';
import type { EvaluationFunction } from '../components/evaluator.ts';
import type { NamedTensor } from '../tensorflow/named-tensor.ts';
import { modelMetrics } from './model-metrics.ts';
import { pointMeans } from './point-table.ts';
import { predictionsOf } from './predictions.ts';

/** Metrics by name; there is always a loss. */
export type Measured = Readonly<Record<string, number>> & { readonly loss: number };

/** What is told what a network gave, batch by batch. */
export interface ScoreTaker {
  /** `scores` is [batch, outputs]. */
  add(batch: Batch, scores: Float32Array): void;
}

/** Takes in what a network gave, and says how good it was over all of it. */
export interface Meter extends ScoreTaker {
  /** Exact, over all samples that were added: the metrics of the task, by name. */
  metrics(): Measured;
  /** What is kept of each sample that was added, [samples, values]. */
  scores(): Float32Array;
  /** What was added so far, for a checkpoint within an epoch. */
  state(): readonly NamedTensor[];
  /** Takes what `state` gave, in place of what was added. Throws an Error where it is something else. */
  restore(state: readonly NamedTensor[]): void;
}

/** Keeps the label and the scores of each sample. */
export class ClassificationMeter implements Meter {
  readonly #classNames: readonly string[];
  readonly #functions: Readonly<Record<string, EvaluationFunction>>;
  readonly #labels: Float32Array[] = [];
  readonly #scores: Float32Array[] = [];

  /** @param functions Measured besides the metrics of every classification, by name: the mean over the samples. */
  constructor(classNames: readonly string[], functions: Readonly<Record<string, EvaluationFunction>> = {}) {
    this.#classNames = classNames;
    this.#functions = functions;
  }

  add({ targets }: Pick<Batch, 'targets'>, scores: Float32Array): void {
    this.#labels.push(targets);
    this.#scores.push(scores);
  }

  metrics(): Measured {
    const labels = concatenated(this.#labels);
    const predictions = predictionsOf({ ids: [], labels, scores: this.scores(), classNames: this.#classNames });
    return { ...modelMetrics(predictions), ...pointMeans(predictions, this.#functions) };
  }

  state(): NamedTensor[] {
    return [asVector('labels', concatenated(this.#labels)), asVector('scores', this.scores())];
  }

  restore(state: readonly NamedTensor[]): void {
    this.#labels.splice(0, Number.POSITIVE_INFINITY, vectorOf(state, 'labels') as Float32Array);
    this.#scores.splice(0, Number.POSITIVE_INFINITY, vectorOf(state, 'scores') as Float32Array);
  }

  /** One score a sample is the probability of class 1, else there is one for each class. */
  scores(): Float32Array {
    return concatenated(this.#scores);
  }
}

/** Numbers one after another as a tensor of a meter's state. */
export function asVector(name: string, values: NamedTensor['values']): NamedTensor {
  return { name, shape: [values.length], values };
}

/** Those of a meter's state that have this name. */
export function vectorOf(state: readonly NamedTensor[], wanted: string): NamedTensor['values'] {
  const found = state.find(({ name }) => name === wanted);
  if (found === undefined) throw new Error(`it has no ${wanted} of the epoch that was begun`);
  return found.values;
}

/** Arrays one after another. */
export function concatenated(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let place = 0;
  for (const part of parts) {
    all.set(part, place);
    place += part.length;
  }
  return all;
}
