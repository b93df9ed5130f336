import type { MetricPoint, Run } from '../mlflow/index.ts';
import { bestIndex, describesModel } from '../util/primary-metric.ts';
import { isSystemMetric } from '../util/system-metric.ts';
import { callOptions } from './open-server.ts';
import type { DetailSources, MetricExtremes, RunDetails } from './run-details.ts';
import { primaryMetricOf } from './telling-columns.ts';

/** Longer histories take the server seconds each: of those the last value alone is told. */
const longestHistory = 20_000;
/** So many histories are read at most, four at a time. */
const mostHistories = 24;
const concurrency = 4;

/** The values of a metric and their steps, in the order of the steps. */
export interface History {
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

/**
 * The last and the best values of a run's metrics, and the course of the one that people look at first: the one that is
 * named, else the first usual one.
 */
export async function readMetrics(
  run: Run,
  named: string | null,
  sources: DetailSources,
): Promise<Pick<RunDetails, 'metrics' | 'primaryMetric'>> {
  const points = run.data.latestMetrics.filter(({ key }) => !isSystemMetric(key));
  const primary = primaryMetricOf([{ metrics: run.data.metrics, parameters: {} }], named);
  const histories = await readHistories(run.info.runId, points, primary, sources);
  const metrics = Object.fromEntries(points.map((point) => [point.key, extremes(point, histories.get(point.key))]));
  const course = primary === null ? undefined : histories.get(primary);
  const isCourse = course !== undefined && course.values.length > 1;
  return { metrics, primaryMetric: isCourse ? { key: primary as string, ...course } : null };
}

/** The histories of the metrics that describe the model; those of the machine are long and say little. */
async function readHistories(
  runId: string,
  points: readonly MetricPoint[],
  primary: string | null,
  { client, signal }: DetailSources,
): Promise<Map<string, History>> {
  const keys = points
    // A metric whose only value is its first one has no history.
    .filter(({ key, step }) => describesModel(key) && step > 0 && step <= longestHistory)
    .map(({ key }) => key)
    .sort((one, other) => Number(other === primary) - Number(one === primary))
    .slice(0, mostHistories);
  const histories = new Map<string, History>();
  const read = async (): Promise<void> => {
    for (let key = keys.shift(); key !== undefined; key = keys.shift()) {
      histories.set(key, inOrder(await client.metricHistory(runId, key, callOptions(signal))));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, read));
  return histories;
}

/** By step, of several values at one step the last one. */
export function inOrder(points: readonly Pick<MetricPoint, 'step' | 'value' | 'timestampMs'>[]): History {
  const byStep = new Map<number, { readonly value: number; readonly timestampMs: number }>();
  for (const point of points) {
    const before = byStep.get(point.step);
    if (before === undefined || before.timestampMs <= point.timestampMs) byStep.set(point.step, point);
  }
  const ordered = [...byStep].sort(([one], [other]) => one - other);
  return { steps: ordered.map(([step]) => step), values: ordered.map(([, { value }]) => value) };
}

function extremes({ key, value, step }: MetricPoint, history: History | undefined): MetricExtremes {
  return { last: value, lastStep: step, ...bestOf(key, history) };
}

/** The best of a history; null for one of a single value, which has nothing to be better than. */
export function bestOf(key: string, history: History | undefined): Pick<MetricExtremes, 'best' | 'bestStep'> {
  const best = history === undefined || history.values.length < 2 ? null : bestIndex(key, history.values);
  if (history === undefined || best === null) return { best: null, bestStep: null };
  return { best: history.values[best]!, bestStep: history.steps[best]! };
}
