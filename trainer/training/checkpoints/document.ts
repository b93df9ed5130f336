import { z } from 'zod';
import { decodeMetricValue, encodeMetricValue } from '../../../src/runlog/index.ts';
import type { EpochRecord } from '../history.ts';

const metricValue = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]);

/** What `checkpoint.json` holds; the numbers of the network lie in the file beside it. */
export const checkpointDocument = z.strictObject({
  version: z.literal(1),
  written_at_ms: z.int(),
  /** Every parameter and setting, by its full name. */
  configuration: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  /** Digest of each part of the data. */
  data: z.strictObject({ training: z.string(), validation: z.string(), test: z.string() }),
  /** Digest of the weights that are not trained, and that a checkpoint does not hold. */
  frozen_sha256: z.string(),
  threads: z.int(),
  /** `cpu` or `gpu`. */
  device: z.string(),
  /** Steps of the epochs that are whole. */
  steps: z.int().min(0),
  /** The whole epochs, in their order. */
  history: z.array(
    z.strictObject({
      epoch: z.int().min(1),
      values: z.record(z.string(), metricValue),
      broken_batch: z.strictObject({ step: z.int(), ids: z.array(z.string()) }).optional(),
    }),
  ),
  /** The epoch that was begun and is not whole; null between epochs. */
  begun: z
    .strictObject({
      steps: z.int().min(0),
      samples: z.int().min(0),
      training_seconds: z.number().min(0),
    })
    .nullable(),
  /** The best epoch so far, and how many epochs there were without a better one. */
  best: z.strictObject({
    epoch: z.int().min(1).nullable(),
    value: z.number().nullable(),
    epochs_since: z.int().min(0),
  }),
  /** What the schedule has learnt; null where it learns nothing. */
  schedule: z.unknown(),
  /** True where early stopping or a lost training said that this is the end, whatever epochs are left. */
  is_over: z.boolean(),
  /** SHA-256 of the file of tensors. */
  tensors_sha256: z.string(),
});

export type CheckpointDocument = z.output<typeof checkpointDocument>;

/** The history as JSON can hold it: there is no NaN in JSON. */
export function encodeHistory(history: readonly EpochRecord[]): CheckpointDocument['history'] {
  return history.map(({ epoch, values, brokenBatch }) => ({
    epoch,
    values: mapped(values, encodeMetricValue),
    ...(brokenBatch === undefined ? {} : { broken_batch: { step: brokenBatch.step, ids: [...brokenBatch.ids] } }),
  }));
}

export function decodeHistory(history: CheckpointDocument['history']): EpochRecord[] {
  return history.map(({ epoch, values, broken_batch: brokenBatch }) => ({
    epoch,
    values: mapped(values, decodeMetricValue) as EpochRecord['values'],
    ...(brokenBatch === undefined ? {} : { brokenBatch }),
  }));
}

function mapped<From, To>(values: Readonly<Record<string, From>>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
}
