import { z } from 'zod';
import type { MetricPoint, StringRecord } from './types.ts';

/** A 64-bit integer: MLflow answers with a number, other servers with a decimal string. */
export const integer = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number),
]);

/** A double: NaN and infinities come as strings, and SQL stores answer infinities as the largest double. */
export const double = z.union([
  z.number().transform((value) => (Math.abs(value) === Number.MAX_VALUE ? Math.sign(value) * Infinity : value)),
  z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number),
]);

/** Key and value pairs; an empty value is left out by the server. */
export const pairs = z
  .array(z.object({ key: z.string(), value: z.string().nullish() }))
  .nullish()
  .transform((list): StringRecord => Object.fromEntries((list ?? []).map(({ key, value }) => [key, value ?? ''])));

export const nextPageToken = z
  .string()
  .nullish()
  .transform((token) => token || null);

export const metric = z
  .object({
    key: z.string(),
    value: double.nullish(),
    timestamp: integer.nullish(),
    step: integer.nullish(),
    model_id: z.string().nullish(),
    dataset_name: z.string().nullish(),
    dataset_digest: z.string().nullish(),
  })
  .transform(
    (wire): MetricPoint => ({
      key: wire.key,
      value: wire.value ?? 0,
      step: wire.step ?? 0,
      timestampMs: wire.timestamp ?? 0,
      ...(wire.model_id ? { modelId: wire.model_id } : {}),
      ...(wire.dataset_name ? { datasetName: wire.dataset_name } : {}),
      ...(wire.dataset_digest ? { datasetDigest: wire.dataset_digest } : {}),
    }),
  );

export const metrics = z
  .array(metric)
  .nullish()
  .transform((list) => list ?? []);

/** A reply of which nothing is needed. */
export const nothing = z.unknown();

export function encodePairs(record: StringRecord = {}): { key: string; value: string }[] {
  return Object.entries(record).map(([key, value]) => ({ key, value }));
}

/** JSON has no NaN and no infinities: MLflow takes them as strings. */
export function encodeDouble(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

export function encodeMetric(point: MetricPoint): Record<string, unknown> {
  return {
    key: point.key,
    value: encodeDouble(point.value),
    timestamp: point.timestampMs,
    step: point.step,
    model_id: point.modelId,
    dataset_name: point.datasetName,
    dataset_digest: point.datasetDigest,
  };
}
