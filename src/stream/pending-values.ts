import {
  type Batch,
  type DatasetInput,
  type MetricPoint,
  metricProblem,
  paramProblem,
  tagProblem,
} from '../mlflow/index.ts';
import { type DatasetEvent, decodeMetricValue, type LogEntry, type MetricEvent } from '../runlog/index.ts';
import { isLoss } from '../util/index.ts';
import { divergedTag, type RunIndex } from './run-index.ts';

/** A value of the log that can be known, before it is sent, to be refused. */
export interface Problem {
  readonly entry: LogEntry;
  readonly reason: string;
}

/** Events read and not yet sent, as MLflow's requests carry them, each with the event it comes from. */
export class PendingValues {
  readonly metrics: MetricPoint[] = [];
  readonly params = new Map<string, string>();
  readonly tags = new Map<string, string>();
  readonly datasets: { readonly input: DatasetInput; readonly entry: LogEntry }[] = [];
  readonly problems: Problem[] = [];
  /** What people should know of the values, each once in a run: sentences. */
  readonly notices: string[] = [];
  readonly #origins = new Map<MetricPoint | string, LogEntry>();
  /** How many events are in it, with those that no server can take. */
  eventCount = 0;

  get isEmpty(): boolean {
    return this.eventCount === 0;
  }

  /** Adds an event of the values lane. The params' rules need `index.params` to know the server's. */
  add(entry: LogEntry, index: RunIndex): void {
    this.eventCount += 1;
    const { event } = entry;
    if (event.type === 'metric') this.#addMetric(entry, event, index);
    else if (event.type === 'param') this.#addParam(entry, event.key, event.value, index);
    else if (event.type === 'tag') {
      if (event.key === divergedTag) index.hasDiverged = true;
      this.setTag(event.key, event.value, entry);
    } else if (event.type === 'dataset') {
      index.addDataset(event.name, event.digest);
      this.datasets.push({ input: datasetInput(event), entry });
    }
  }

  /** Counts events that no server can take and that are told of already: once the others are sent, they are behind, too. */
  passOver(count: number): void {
    this.eventCount += count;
  }

  /** Sets a tag; of two with one key the later one holds. */
  setTag(key: string, value: string, entry: LogEntry): void {
    const problem = tagProblem(key, value);
    if (problem !== null) {
      this.problems.push({ entry, reason: problem });
      return;
    }
    this.tags.set(key, value);
    this.#origins.set(`tag ${key}`, entry);
  }

  batch(): Batch {
    return { metrics: this.metrics, params: Object.fromEntries(this.params), tags: Object.fromEntries(this.tags) };
  }

  /** The event behind the only thing in a batch. */
  originOf(batch: Batch): LogEntry | undefined {
    const [metric] = batch.metrics ?? [];
    if (metric !== undefined) return this.#origins.get(metric);
    const [param] = Object.keys(batch.params ?? {});
    if (param !== undefined) return this.#origins.get(`param ${param}`);
    const [tag] = Object.keys(batch.tags ?? {});
    return this.#origins.get(`tag ${tag}`);
  }

  #addMetric(entry: LogEntry, event: MetricEvent, index: RunIndex): void {
    const modelId = event.model === undefined ? undefined : index.modelId(event.model);
    const point: MetricPoint = {
      key: event.key,
      value: decodeMetricValue(event.value),
      step: event.step,
      timestampMs: event.time_ms,
      ...(modelId === undefined ? {} : { modelId }),
      ...(event.dataset === undefined ? {} : index.dataset(event.dataset)),
    };
    const problem = metricProblem(point);
    if (problem !== null) {
      this.problems.push({ entry, reason: problem });
      return;
    }
    this.metrics.push(point);
    this.#origins.set(point, entry);
    if (!Number.isFinite(point.value)) this.#noteNonFinite(entry, point, index);
  }

  /** MLflow shows no NaN and takes infinity for a number: that a loss is lost must be said in words, once. */
  #noteNonFinite(entry: LogEntry, { key, value, step }: MetricPoint, index: RunIndex): void {
    if (!index.sawNonFinite(key)) return;
    const text = `${key} is ${value} at step ${step}`;
    if (!isLoss(key)) {
      const shown = Number.isNaN(value) ? 'as no value at all' : 'as 1.8e308';
      this.notices.push(`${text}, which MLflow shows ${shown}.`);
      return;
    }
    if (index.hasDiverged) return;
    index.hasDiverged = true;
    this.notices.push(`The run has diverged: ${text}.`);
    this.setTag(divergedTag, `step ${step}: ${key} is ${value}`, entry);
  }

  #addParam(entry: LogEntry, key: string, value: string, index: RunIndex): void {
    const problem = paramProblem(key, value);
    if (problem !== null) {
      this.problems.push({ entry, reason: problem });
      return;
    }
    const decision = index.params.decide(key, value);
    if (decision.kind === 'conflict') this.setTag(decision.tag, value, entry);
    if (decision.kind !== 'send') return;
    this.params.set(key, value);
    index.params.learn({ [key]: value });
    this.#origins.set(`param ${key}`, entry);
  }
}

function datasetInput(event: DatasetEvent): DatasetInput {
  const { name, digest, source, schema, profile } = event;
  return {
    dataset: {
      name,
      digest,
      sourceType: event.source_type,
      source,
      ...(schema === undefined ? {} : { schema }),
      ...(profile === undefined ? {} : { profile }),
    },
    tags: { 'mlflow.data.context': event.context },
  };
}
