import type { Batch, MetricPoint } from '../mlflow/index.ts';

/** How many metrics, params and tags a batch holds. */
export function sizeOfBatch(batch: Batch): number {
  return (batch.metrics?.length ?? 0) + Object.keys(batch.params ?? {}).length + Object.keys(batch.tags ?? {}).length;
}

/** Divides a batch into pieces of at most `size` things, in order: params, metrics, tags. */
export function divideBatch(batch: Batch, size: number): Batch[] {
  const things: (readonly ['param' | 'tag', string, string] | readonly ['metric', MetricPoint])[] = [
    ...Object.entries(batch.params ?? {}).map(([key, value]) => ['param', key, value] as const),
    ...(batch.metrics ?? []).map((point) => ['metric', point] as const),
    ...Object.entries(batch.tags ?? {}).map(([key, value]) => ['tag', key, value] as const),
  ];
  const pieces: Batch[] = [];
  for (let start = 0; start < things.length; start += size) {
    const params: Record<string, string> = {};
    const tags: Record<string, string> = {};
    const metrics: MetricPoint[] = [];
    for (const thing of things.slice(start, start + size)) {
      if (thing[0] === 'metric') metrics.push(thing[1]);
      else if (thing[0] === 'param') params[thing[1]] = thing[2];
      else tags[thing[1]] = thing[2];
    }
    pieces.push({
      ...(metrics.length > 0 ? { metrics } : {}),
      ...(Object.keys(params).length > 0 ? { params } : {}),
      ...(Object.keys(tags).length > 0 ? { tags } : {}),
    });
  }
  return pieces;
}
