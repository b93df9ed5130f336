import type { MetricPoint, StringRecord } from './types.ts';
import { limits } from './validate.ts';

/** What one log-batch request carries. */
export interface Batch {
  /** Values of metrics. */
  readonly metrics?: readonly MetricPoint[];
  /** Parameters by name, as text. */
  readonly params?: StringRecord;
  /** Tags by name, as text. */
  readonly tags?: StringRecord;
}

/** Below the 1 MB that proxies and MLflow's documentation allow. */
const largestBytes = 900_000;
/**
 * Older releases of MLflow answer 400 to a repeated request with more than 100 metric keys or a NaN. With fewer keys, and
 * NaN in requests of their own, a request can always be repeated.
 */
const keysPerBatch = 100;

/** What is in the request being filled. */
class Filling {
  readonly metrics: MetricPoint[] = [];
  readonly params: [string, string][] = [];
  readonly tags: [string, string][] = [];
  readonly keys = new Set<string>();
  bytes = 0;

  get size(): number {
    return this.metrics.length + this.params.length + this.tags.length;
  }

  hasRoom(bytes: number): boolean {
    return this.size === 0 || (this.size < limits.entitiesPerBatch && this.bytes + bytes <= largestBytes);
  }

  batch(): Batch {
    return {
      ...(this.metrics.length > 0 ? { metrics: this.metrics } : {}),
      ...(this.params.length > 0 ? { params: Object.fromEntries(this.params) } : {}),
      ...(this.tags.length > 0 ? { tags: Object.fromEntries(this.tags) } : {}),
    };
  }
}

/** Splits a batch of any size into requests that MLflow takes and that can be repeated: params first, then metrics in order, then tags. */
export function splitBatch(batch: Batch): Batch[] {
  const batches: Batch[] = [];
  let filling = new Filling();
  const next = (): void => {
    if (filling.size > 0) batches.push(filling.batch());
    filling = new Filling();
  };
  for (const pair of Object.entries(batch.params ?? {})) {
    const bytes = pairBytes(pair);
    if (filling.params.length >= limits.paramsPerBatch || !filling.hasRoom(bytes)) next();
    filling.params.push(pair);
    filling.bytes += bytes;
  }
  const all = batch.metrics ?? [];
  for (const point of all) {
    if (!Number.isNaN(point.value)) addMetric(point);
  }
  for (const pair of Object.entries(batch.tags ?? {})) {
    const bytes = pairBytes(pair);
    if (filling.tags.length >= limits.tagsPerBatch || !filling.hasRoom(bytes)) next();
    filling.tags.push(pair);
    filling.bytes += bytes;
  }
  next();
  for (const point of all) {
    if (Number.isNaN(point.value)) addMetric(point);
  }
  next();
  return batches;

  function addMetric(point: MetricPoint): void {
    const bytes = metricBytes(point);
    const isFull = filling.metrics.length >= limits.metricsPerBatch || !filling.hasRoom(bytes);
    if (isFull || (filling.keys.size >= keysPerBatch && !filling.keys.has(point.key))) next();
    filling.metrics.push(point);
    filling.keys.add(point.key);
    filling.bytes += bytes;
  }
}

function pairBytes(pair: readonly [string, string]): number {
  return Buffer.byteLength(JSON.stringify(pair)) + '"key":"value":,'.length;
}

/** An upper bound that needs no encoding: keys hold no character that JSON escapes. */
function metricBytes(point: MetricPoint): number {
  const names = [point.key, point.modelId, point.datasetDigest].map((text) => Buffer.byteLength(text ?? ''));
  const datasetBytes = point.datasetName === undefined ? 0 : Buffer.byteLength(JSON.stringify(point.datasetName));
  return 180 + datasetBytes + names.reduce((sum, bytes) => sum + bytes, 0);
}
