import { metricNames } from '../evaluation/metrics.ts';
import type { BrokenBatch } from './epoch.ts';

/** Keys of what every epoch gives: values of training and validation, and how it was trained. */
export const epochMetricNames = [
  ...metricNames,
  ...metricNames.map((name) => `val_${name}` as const),
  'learning_rate',
  'epoch_seconds',
  'samples_per_second',
] as const;

export type EpochMetricName = (typeof epochMetricNames)[number];

/** What one epoch gave. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  readonly values: Readonly<Record<EpochMetricName, number>>;
  /** Where the loss was no finite number any more, which ended the epoch early. */
  readonly brokenBatch?: BrokenBatch;
}
