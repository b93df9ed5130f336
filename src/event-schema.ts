import { z } from 'zod';
import type { LaunchEvent } from './events.ts';

type EventOf<Type extends LaunchEvent['type']> = Extract<LaunchEvent, { type: Type }>;

const text = z.string();
const number = z.number();
/** A value as the line spells it: numbers that JSON does not have are texts there, as in the run log. */
const value = z.union([number, z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number)]);
/** An address that a report may take apart. */
const address = text.refine(URL.canParse);
const timeMs = number;
const durationMs = number;

const primaryMetric = z.object({ key: text, values: z.array(value), steps: z.array(number).optional() });
const model = z.object({ name: text, version: text, url: text.nullish() });

/** What is `default` or `nullish` here was missing in results of older versions. */
const result: z.ZodType<EventOf<'result'>['result']> = z.object({
  status: z.enum(['FINISHED', 'FAILED', 'KILLED']),
  exitCode: number.nullable(),
  reason: text.nullable(),
  runId: text,
  attempt: number.optional(),
  runName: text,
  mlflowRunId: text.nullable(),
  url: text.nullable(),
  runsUrl: text.nullable().default(null),
  chartsUrl: text.nullable().default(null),
  durationMs,
  metrics: z.record(text, value),
  primaryMetric: primaryMetric.nullable().default(null),
  models: z.array(model),
  image: text.nullable(),
  runDirectory: text,
  diverged: text.nullish(),
  drained: z.boolean(),
  offline: z.boolean().optional(),
  incomplete: text.nullish(),
  deleted: z.boolean().optional(),
  failure: text.nullish(),
  exitStatus: number,
});

const stateNames = [
  ...(['planned', 'preparing', 'starting', 'running', 'stopping', 'draining'] as const),
  ...(['finished', 'failed', 'killed'] as const),
];

/** One schema for each event: an event without one does not compile. */
const schemas: { readonly [Type in LaunchEvent['type']]: z.ZodType<EventOf<Type>> } = {
  'step-started': z.object({ timeMs, type: z.literal('step-started'), id: text, title: text }),
  'step-progress': z.object({
    timeMs,
    type: z.literal('step-progress'),
    id: text,
    text,
    line: text.optional(),
  }),
  'step-finished': z.object({
    timeMs,
    type: z.literal('step-finished'),
    id: text,
    title: text,
    durationMs,
    reused: z.boolean().optional(),
  }),
  'step-failed': z.object({ timeMs, type: z.literal('step-failed'), id: text, title: text, durationMs }),
  notice: z.object({ timeMs, type: z.literal('notice'), text }),
  warning: z.object({ timeMs, type: z.literal('warning'), text }),
  detail: z.object({ timeMs, type: z.literal('detail'), text }),
  debug: z.object({ timeMs, type: z.literal('debug'), text }),
  state: z.object({ timeMs, type: z.literal('state'), state: z.enum(stateNames) }),
  registered: z.object({
    timeMs,
    type: z.literal('registered'),
    mlflowRunId: text,
    experimentId: text,
    runName: text,
    url: address,
    runsUrl: text,
    chartsUrl: text,
  }),
  output: z.object({ timeMs, type: z.literal('output'), stream: z.enum(['stdout', 'stderr']), line: text }),
  metric: z.object({ timeMs, type: z.literal('metric'), key: text, value, step: number }),
  progress: z.object({
    timeMs,
    type: z.literal('progress'),
    stage: text,
    done: number,
    total: number,
    unit: text,
  }),
  model: z.object({ timeMs, type: z.literal('model'), name: text, version: text, modelId: text.nullable() }),
  failure: z.object({ timeMs, type: z.literal('failure'), message: text, hint: text.optional() }),
  result: z.object({ timeMs, type: z.literal('result'), result }),
};

/**
 * The event of a line of `agent.log`. Null for one that holds none: a stack kept there, a line torn by a kill, or
 * something that the program wrote itself, such as an event that lacks what events of its type tell.
 */
export function parseLaunchEvent(line: string): LaunchEvent | null {
  if (!line.startsWith('{')) return null;
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  const type = (parsed as { readonly type?: unknown }).type;
  if (typeof type !== 'string' || !Object.hasOwn(schemas, type)) return null;
  return schemas[type as LaunchEvent['type']].safeParse(parsed).data ?? null;
}
