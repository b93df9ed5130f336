import { z } from 'zod';

/** A line longer than this is refused: larger things are files. */
export const maximumLineBytes = 1024 * 1024;

const version = { v: z.literal(1) };
const timeMs = z.number().int().nonnegative();
const step = z.number().int();
/** Keys of metrics, params and tags: what MLflow accepts (`mlflow/utils/validation.py`), which keeps them as paths. */
const key = z
  .string()
  .min(1)
  .max(250)
  .regex(
    /^(?!\.\.)(?!.*(?:^|\/)\.{0,2}(?:\/|$))[/\p{L}\p{N}_.\- :]+$/u,
    'may only hold letters, digits, and _ - . : / and spaces, and must be a plain relative path',
  );
const metricValue = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]);
/** A path below the run folder, or the model's folder; resolved and checked by the reader. */
const path = z.string().min(1);

export const metricEvent = z.object({
  ...version,
  type: z.literal('metric'),
  key,
  value: metricValue,
  step,
  time_ms: timeMs,
  dataset: z.string().optional(),
  model: z.string().optional(),
});
export const paramEvent = z.object({ ...version, type: z.literal('param'), key, value: z.string() });
export const tagEvent = z.object({ ...version, type: z.literal('tag'), key, value: z.string() });
export const artifactEvent = z.object({ ...version, type: z.literal('artifact'), path, to: z.string().optional() });
export const tableEvent = z.object({ ...version, type: z.literal('table'), key, path, step, time_ms: timeMs });
export const imageEvent = z.object({ ...version, type: z.literal('image'), key, path, step, time_ms: timeMs });
export const datasetEvent = z.object({
  ...version,
  type: z.literal('dataset'),
  name: z.string().min(1).max(500),
  digest: z.string().min(1).max(36),
  context: z.string().min(1),
  source_type: z.string().min(1),
  source: z.string(),
  schema: z.string().optional(),
  profile: z.string().optional(),
});
export const modelEvent = z.object({
  ...version,
  type: z.literal('model'),
  name: z.string().min(1),
  path,
  register: z.string().min(1).nullable(),
  aliases: z.array(z.string()).optional(),
  metrics: z.record(z.string(), metricValue).optional(),
  dataset: z.string().optional(),
  step: step.optional(),
  params: z.record(z.string(), z.string()).optional(),
  tags: z.record(z.string(), z.string()).optional(),
});
export const progressEvent = z.object({
  ...version,
  type: z.literal('progress'),
  stage: z.string(),
  done: z.number(),
  total: z.number(),
  unit: z.string(),
  time_ms: timeMs,
});
export const endEvent = z.object({
  ...version,
  type: z.literal('end'),
  status: z.enum(['FINISHED', 'FAILED', 'KILLED']),
  reason: z.string().optional(),
});

/** Every event a program may append to its run log: the one contract between a program and the tracking server. */
export const runLogEvent = z.discriminatedUnion('type', [
  metricEvent,
  paramEvent,
  tagEvent,
  artifactEvent,
  tableEvent,
  imageEvent,
  datasetEvent,
  modelEvent,
  progressEvent,
  endEvent,
]);

export type RunLogEvent = z.infer<typeof runLogEvent>;
export type MetricEvent = z.infer<typeof metricEvent>;
export type ModelEvent = z.infer<typeof modelEvent>;
export type DatasetEvent = z.infer<typeof datasetEvent>;
