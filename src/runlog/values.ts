/** How the run log spells a metric value: JSON has no NaN and no infinities, so these three are strings. */
export type EncodedValue = number | 'NaN' | 'Infinity' | '-Infinity';

/** The run log's spelling of a number. */
export function encodeMetricValue(value: number): EncodedValue {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}

/** The number behind the run log's spelling. */
export function decodeMetricValue(value: EncodedValue): number {
  return typeof value === 'number' ? value : Number(value);
}
