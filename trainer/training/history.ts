/** What one epoch gave: values by metric key, those of validation prefixed with `val_`. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  readonly values: Readonly<Record<string, number>>;
}

/** All epochs of a training, in order. */
export type TrainingHistory = readonly EpochRecord[];
