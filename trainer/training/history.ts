import { tasks } from '../evaluation/tasks/index.ts';
import type { BrokenBatch } from './epoch.ts';

/** What every epoch gives besides the metrics of its task. */
const epochFacts = ['learning_rate', 'epoch_seconds', 'samples_per_second'] as const;

/** Keys of what every epoch of a task with these metrics gives: values of training and validation, and how it was trained. */
export function epochMetricNamesOf({ metricNames }: { readonly metricNames: readonly string[] }): readonly string[] {
  return [...metricNames, ...metricNames.map((name) => `val_${name}`), ...epochFacts];
}

/** The same of all tasks. */
export const epochMetricNames: readonly string[] = [...new Set(Object.values(tasks).flatMap(epochMetricNamesOf))];

/** Every task has a loss. */
type KnownName = 'loss' | 'val_loss' | (typeof epochFacts)[number];

/** What one epoch gave. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  readonly values: Readonly<Record<string, number>> & Readonly<Record<KnownName, number>>;
  /** Where the loss was no finite number any more, which ended the epoch early. */
  readonly brokenBatch?: BrokenBatch;
}
