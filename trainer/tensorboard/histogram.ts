/** TensorFlow's own number of buckets. */
export const bucketCount = 30;

/**
 * The buckets of TensorFlow 2's `tf.summary.histogram` (tensorboard/plugins/histogram/summary_v2.py): [30, 3], a row a
 * bucket: left edge, right edge, count. The buckets are equally wide, from the least value to the greatest; where all
 * values are one, each bucket has that as both edges, and the last one holds them. Values that are no finite numbers are
 * left out; null where there are no others.
 */
export function histogramBuckets(values: Float32Array): Float64Array | null {
  let [least, greatest, finite] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] as number;
    if (!Number.isFinite(value)) continue;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
    finite += 1;
  }
  if (finite === 0) return null;
  const counts = least === greatest ? allInLast(finite) : countBetween(values, least, greatest);
  const width = (greatest - least) / bucketCount;
  const edge = (place: number): number => (place === bucketCount ? greatest : least + place * width);
  const buckets = new Float64Array(bucketCount * 3);
  for (let bucket = 0; bucket < bucketCount; bucket += 1) {
    buckets.set([edge(bucket), edge(bucket + 1), counts[bucket] as number], bucket * 3);
  }
  return buckets;
}

function allInLast(count: number): Float64Array {
  const counts = new Float64Array(bucketCount);
  counts[bucketCount - 1] = count;
  return counts;
}

function countBetween(values: Float32Array, least: number, greatest: number): Float64Array {
  const counts = new Float64Array(bucketCount);
  const width = (greatest - least) / bucketCount;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] as number;
    if (!Number.isFinite(value)) continue;
    const bucket = Math.min(Math.floor((value - least) / width), bucketCount - 1);
    counts[bucket] = (counts[bucket] as number) + 1;
  }
  return counts;
}
