/** What one epoch gave: metrics by key, those of validation prefixed with `val_`. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** All epochs of a training, in order. */
export type TrainingHistory = readonly EpochRecord[];
