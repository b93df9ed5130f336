import { describe, expect, it } from 'vitest';
import { type Batch, splitBatch } from '../../../src/mlflow/split-batch.ts';
import { encodeMetric, encodePairs } from '../../../src/mlflow/wire.ts';

const point = (key: string, step: number, value = 0.5) => ({ key, value, step, timestampMs: 1_795_256_330_933 + step });
const record = (count: number, value = 'v') =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`key${index}`, value]));

function requestBytes(batch: Batch): number {
  const metrics = (batch.metrics ?? []).map(encodeMetric);
  return Buffer.byteLength(
    JSON.stringify({ metrics, params: encodePairs(batch.params), tags: encodePairs(batch.tags) }),
  );
}

describe('splitBatch', () => {
  it('keeps a small batch in one request', () => {
    const batch = { params: { lr: '0.1' }, metrics: [point('loss', 1)], tags: { team: 'a' } };
    expect(splitBatch(batch)).toEqual([batch]);
  });

  it('makes no request of nothing', () => {
    expect(splitBatch({})).toEqual([]);
    expect(splitBatch({ metrics: [], params: {}, tags: {} })).toEqual([]);
  });

  it('sends at most 1000 things, 100 params and 100 tags in a request, and loses none', () => {
    const metrics = Array.from({ length: 2500 }, (_, step) => point('loss', step));
    const batches = splitBatch({ metrics, params: record(250), tags: record(120) });
    for (const batch of batches) {
      const counts = [
        batch.metrics?.length ?? 0,
        ...[batch.params, batch.tags].map((each) => Object.keys(each ?? {}).length),
      ];
      expect(counts[0]! + counts[1]! + counts[2]!).toBeLessThanOrEqual(1000);
      expect(Math.max(counts[1]!, counts[2]!)).toBeLessThanOrEqual(100);
    }
    expect(batches.flatMap((batch) => batch.metrics ?? [])).toEqual(metrics);
    expect(Object.assign({}, ...batches.map((batch) => batch.params))).toEqual(record(250));
    expect(Object.assign({}, ...batches.map((batch) => batch.tags))).toEqual(record(120));
  });

  it('keeps a request below 900 kB of JSON', () => {
    const long = '😀"\\\n'.repeat(1000);
    const batches = splitBatch({ params: record(100, long), tags: record(100, long) });
    expect(batches.length).toBeGreaterThan(1);
    for (const batch of batches) expect(requestBytes(batch)).toBeLessThanOrEqual(900_000);
    const modelId = `m-${'a'.repeat(32)}`;
    const metrics = Array.from({ length: 1000 }, (_, step) => ({
      ...point('ü'.repeat(250), step, -Math.PI * 1e-300),
      ...{ modelId, datasetName: 'd"'.repeat(250), datasetDigest: 'x'.repeat(36) },
    }));
    for (const batch of splitBatch({ metrics })) expect(requestBytes(batch)).toBeLessThanOrEqual(900_000);
  });

  it('puts at most 100 metric keys in a request, so that every server lets it be repeated', () => {
    const metrics = Array.from({ length: 450 }, (_, index) => point(`metric${index % 150}`, index));
    for (const batch of splitBatch({ metrics })) {
      expect(new Set(batch.metrics?.map(({ key }) => key)).size).toBeLessThanOrEqual(100);
    }
  });

  it('puts NaN in requests of their own, at the end', () => {
    const metrics = [point('loss', 1, Number.NaN), point('loss', 2), point('auc', 2, Number.NaN)];
    expect(splitBatch({ metrics, tags: { a: 'b' } })).toEqual([
      { metrics: [metrics[1]], tags: { a: 'b' } },
      { metrics: [metrics[0], metrics[2]] },
    ]);
  });
});
