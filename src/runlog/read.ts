import { bestIndex } from '../util/primary-metric.ts';
import { isSystemMetric } from '../util/system-metric.ts';
import { runLogEventsDirectory } from './directory.ts';
import { type LogEntry, RunLogFollower, type RunLogFollowerOptions } from './follower.ts';
import { decodeMetricValue } from './values.ts';
import { writerFileName } from './writers.ts';

/** So many values are held at most for each one of a history that is kept: a run log may hold millions. */
const heldForEach = 100;

/** All valid events of a run folder's log as it is now, writer by writer, in constant memory. */
export async function* readRunLog(
  runDirectory: string,
  options: RunLogFollowerOptions = {},
): AsyncGenerator<LogEntry, void, void> {
  const follower = new RunLogFollower(runLogEventsDirectory(runDirectory), options);
  try {
    for (;;) {
      const { entries, atEnd } = await follower.read({ final: true });
      if (atEnd) return;
      yield* entries;
    }
  } finally {
    await follower.close();
  }
}

/** The last value of each metric of a run folder's log, by step and then by time; without those of the machine. */
export async function lastMetricValues(runDirectory: string): Promise<Record<string, number>> {
  const last = new Map<string, { value: number; step: number; timeMs: number }>();
  for await (const { event } of readRunLog(runDirectory, { types: new Set(['metric'] as const) })) {
    if (event.type !== 'metric' || isSystemMetric(event.key)) continue;
    const before = last.get(event.key);
    const isOlder =
      before !== undefined &&
      (event.step < before.step || (event.step === before.step && event.time_ms < before.timeMs));
    if (isOlder) continue;
    last.set(event.key, { value: decodeMetricValue(event.value), step: event.step, timeMs: event.time_ms });
  }
  return Object.fromEntries([...last].map(([key, { value }]) => [key, value]));
}

/** The values of a metric and the steps they belong to, in the order of the steps. */
export interface MetricHistory {
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

/**
 * The histories of some metrics of a run folder's log: of several values at one step the last one. Of a long history so
 * many values are kept, evenly spaced, the first, the best and the last one always.
 */
export async function metricHistories(
  runDirectory: string,
  keys: readonly string[],
  mostValues = 500,
): Promise<Map<string, MetricHistory>> {
  const wanted = new Map(keys.map((key) => [key, new Map<number, number>()]));
  const mostHeld = heldForEach * mostValues;
  for await (const { event } of readRunLog(runDirectory, { types: new Set(['metric'] as const) })) {
    if (event.type !== 'metric') continue;
    const values = wanted.get(event.key);
    values?.set(event.step, decodeMetricValue(event.value));
    if (values !== undefined && values.size > mostHeld) wanted.set(event.key, halved(event.key, values));
  }
  return new Map(
    [...wanted].map(([key, values]) => {
      const ordered = [...values].sort(([one], [other]) => one - other);
      return [key, thinned(key, ordered, mostValues)];
    }),
  );
}

/**
 * The history of the first of these metrics that has one, which is values at several steps; null where none has. Of the
 * others nothing is held, however many values they have.
 */
export async function firstHistory(
  runDirectory: string,
  keys: readonly string[],
): Promise<(MetricHistory & { readonly key: string }) | null> {
  const firstSteps = new Map<string, number>();
  const found = new Set<string>();
  for await (const { event } of readRunLog(runDirectory, { types: new Set(['metric'] as const) })) {
    if (event.type !== 'metric') continue;
    const first = firstSteps.get(event.key);
    if (first === undefined) firstSteps.set(event.key, event.step);
    else if (first !== event.step) found.add(event.key);
    if (found.has(keys[0] ?? '')) break;
  }
  const key = keys.find((each) => found.has(each));
  if (key === undefined) return null;
  const history = (await metricHistories(runDirectory, [key])).get(key);
  return history === undefined ? null : { key, ...history };
}

/** Every second value of a history in the order of its steps; the best and the last one always. */
function halved(key: string, values: ReadonlyMap<number, number>): Map<number, number> {
  const ordered = [...values].sort(([one], [other]) => one - other);
  const best = bestIndex(
    key,
    ordered.map(([, value]) => value),
  );
  return new Map(ordered.filter((_, index) => index % 2 === 0 || index === best || index === ordered.length - 1));
}

function thinned(key: string, points: readonly (readonly [number, number])[], most: number): MetricHistory {
  const values = points.map(([, value]) => value);
  let kept = points.map((_, index) => index);
  if (points.length > most) {
    const last = points.length - 1;
    kept = Array.from({ length: most }, (_, index) => Math.round((index * last) / (most - 1)));
    const best = bestIndex(key, values);
    // In the place of its neighbour, which must not be the first or the last.
    if (best !== null && !kept.includes(best)) {
      kept[Math.min(most - 2, Math.max(1, Math.round((best * (most - 1)) / last)))] = best;
    }
  }
  return { steps: kept.map((index) => points[index]![0]), values: kept.map((index) => values[index]!) };
}

/** The highest step of any metric of a run folder's log, without those of the machine; null where it has none. */
export async function lastStep(runDirectory: string): Promise<number | null> {
  let last: number | null = null;
  for await (const { event } of readRunLog(runDirectory, { types: new Set(['metric'] as const) })) {
    if (event.type === 'metric' && !isSystemMetric(event.key)) last = Math.max(last ?? event.step, event.step);
  }
  return last;
}

/** The last value of a tag of a run folder's log; null where the program has not set it. */
export async function lastTag(runDirectory: string, key: string): Promise<string | null> {
  let value: string | null = null;
  for await (const { event } of readRunLog(runDirectory, { types: new Set(['tag'] as const) })) {
    if (event.type === 'tag' && event.key === key) value = event.value;
  }
  return value;
}

/**
 * Why the program says it did not end well: the reason of the last `end` event; null where it gave none.
 * @param starts Bytes of each log that are of earlier attempts, by its path in the run folder.
 */
export async function lastReason(
  runDirectory: string,
  starts: Readonly<Record<string, number>> = {},
): Promise<string | null> {
  let reason: string | null = null;
  const startAt = (writer: string): number => starts[`events/${writerFileName(writer)}`] ?? 0;
  for await (const { event } of readRunLog(runDirectory, { types: new Set(['end'] as const), startAt })) {
    if (event.type === 'end') reason = event.status === 'FINISHED' ? null : (event.reason ?? null);
  }
  return reason;
}
