import type { SampleGenerator } from '../components/sample.ts';

/**
 * The weight of each class with which all count the same in the loss: samples / (classes x samples of the class), as
 * scikit-learn's `class_weight='balanced'`. A class without samples weighs nothing.
 */
export function balancedWeights(labels: Int32Array, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label] = (counts[label] as number) + 1;
  return counts.map((count) => (count === 0 ? 0 : labels.length / (classes * count)));
}

/** The samples, each weighing as its class does, besides its own weight. */
export function withClassWeights(samples: SampleGenerator, weights: readonly number[]): SampleGenerator {
  return {
    count: samples.count,
    async *[Symbol.asyncIterator]() {
      for await (const sample of samples) yield { ...sample, weight: sample.weight * (weights[sample.label] ?? 1) };
    },
  };
}
