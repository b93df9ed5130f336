import { decodeMetricValue, type LogEntry, type MetricEvent, readRunLog } from '../runlog/index.ts';
import { isLoss } from '../util/index.ts';
import { ParamRules } from './params.ts';

/** Set on a run whose loss is not finite any more: when, and what became of it. */
export const divergedTag = 'diverged';

const modelId = /^m-[0-9a-f]{32}$/;

/** What later events of a run refer to by name: its datasets, its logged models, its params. */
export class RunIndex {
  params: ParamRules;
  readonly #digests = new Map<string, string>();
  readonly #modelIds = new Map<string, string>();
  readonly #nonFinite = new Set<string>();
  /** True once the run has been tagged as diverged, by the program itself or here. */
  hasDiverged = false;

  constructor(knownParams: Readonly<Record<string, string>>) {
    this.params = new ParamRules(knownParams);
  }

  /** Forgets all but datasets and models. @param knownParams Those of the launcher. */
  forgetValues(knownParams: Readonly<Record<string, string>>): void {
    this.params = new ParamRules(knownParams);
    this.#nonFinite.clear();
    this.hasDiverged = false;
  }

  /** True the first time a key is named: of each only the first value that is not finite is told. */
  sawNonFinite(key: string): boolean {
    if (this.#nonFinite.has(key)) return false;
    this.#nonFinite.add(key);
    return true;
  }

  addDataset(name: string, digest: string): void {
    this.#digests.set(name, digest);
  }

  addModel(name: string, id: string): void {
    this.#modelIds.set(name, id);
  }

  /** A dataset as a metric names it, or undefined where the log has none of that name. */
  dataset(name: string): { readonly datasetName: string; readonly datasetDigest: string } | undefined {
    const digest = this.#digests.get(name);
    return digest === undefined ? undefined : { datasetName: name, datasetDigest: digest };
  }

  /** The id of a logged model that an event names, or undefined where it is not made yet. */
  modelId(nameOrId: string): string | undefined {
    return modelId.test(nameOrId) ? nameOrId : this.#modelIds.get(nameOrId);
  }
}

const indexedTypes = new Set(['dataset', 'metric', 'tag'] as const);

/**
 * Reads from a run log's beginning what later events build upon: a stream that resumes begins behind it.
 * @param isBehind Whether the stream is past an event.
 */
export async function indexRunLog(
  index: RunIndex,
  runDirectory: string,
  isBehind: (entry: LogEntry) => boolean,
): Promise<void> {
  for await (const entry of readRunLog(runDirectory, { types: indexedTypes })) {
    const { event } = entry;
    if (event.type === 'dataset') index.addDataset(event.name, event.digest);
    else if (!isBehind(entry)) continue;
    else if (event.type === 'tag') index.hasDiverged ||= event.key === divergedTag;
    else if (event.type === 'metric' && !Number.isFinite(decodeMetricValue(event.value))) {
      index.sawNonFinite(event.key);
      index.hasDiverged ||= isLoss(event.key);
    }
  }
}

/** A value of a model and the run's own point it belongs to. */
export interface ModelPoint {
  readonly key: string;
  readonly value: number;
  readonly step: number;
  readonly timestampMs: number;
  readonly dataset: string | undefined;
}

/**
 * The points a model event stands for, each at key, step and time of the run's own point of the same value, so that a
 * curve shows it once, on the model's dataset unless it names its own; and the values that name the model themselves.
 * `before` is the model event.
 */
export async function modelPoints(
  runDirectory: string,
  model: {
    readonly name: string;
    readonly metrics: Readonly<Record<string, number>>;
    readonly step?: number | undefined;
    readonly dataset?: string | undefined;
  },
  before: LogEntry,
  fallbackTimeMs: number,
): Promise<ModelPoint[]> {
  const own = new Map<string, MetricEvent>();
  const named: ModelPoint[] = [];
  let latestMs = fallbackTimeMs;
  for await (const { event, writer, offset } of readRunLog(runDirectory, { types: new Set(['metric'] as const) })) {
    if (event.type !== 'metric') continue;
    if (event.model === model.name) named.push(pointOf(event));
    if (writer === before.writer && offset >= before.offset) continue;
    if (writer === before.writer) latestMs = event.time_ms;
    const value = model.metrics[event.key];
    if (value === undefined || !Object.is(decodeMetricValue(event.value), value)) continue;
    if (model.step === undefined || model.step === event.step) own.set(event.key, event);
  }
  const stated = Object.entries(model.metrics).map(([key, value]): ModelPoint => {
    const event = own.get(key);
    if (event !== undefined) return { ...pointOf(event), dataset: event.dataset ?? model.dataset };
    return { key, value, step: model.step ?? 0, timestampMs: latestMs, dataset: model.dataset };
  });
  const statedKeys = new Set(stated.map(identity));
  return [...stated, ...named.filter((point) => !statedKeys.has(identity(point)))];
}

function pointOf(event: MetricEvent): ModelPoint {
  return {
    key: event.key,
    value: decodeMetricValue(event.value),
    step: event.step,
    timestampMs: event.time_ms,
    dataset: event.dataset,
  };
}

/** MLflow keeps one value of a model for each of these. */
function identity(point: ModelPoint): string {
  return `${point.key}\0${point.step}\0${point.timestampMs}`;
}
