import { formatDuration } from '../util/format.ts';
import { formatMetric } from '../util/format-metric.ts';
import { byImportance, inReadingOrder } from './metric-names.ts';
import type { MetricRow } from './metric-rows.ts';
import type { Paint } from './paint.ts';
import { textWidth } from './text-width.ts';

const gap = '  ';
const usualValueWidth = 6;

/** What the rows of a program are called, as far as its progress has told. */
export interface StepNames {
  /** `epoch` where the program counts epochs, else `step`. */
  readonly word: string;
  /** How many there will be; undefined where unknown. */
  readonly total: number | undefined;
}

/**
 * `epoch  3/10  loss 0.1834  accuracy 0.9312 …  12 s`: as many metrics as fit, the most telling ones. Each line says of
 * itself what its values are: for a file, through which people search, and for the test metrics, which come once.
 */
export function metricLine(row: MetricRow, names: StepNames, columns: number, paint: Paint): string {
  const label = rowLabel(row, names);
  const pairs = metricPairs(row.values, columns - textWidth(label), paint, usualValueWidth);
  const duration = row.durationMs === undefined ? '' : formatDuration(row.durationMs);
  const used = textWidth(label) + gap.length + textWidth(pairs);
  // The time is the first thing a narrow terminal goes without.
  const shownDuration = used + gap.length + duration.length <= columns ? paint.faint(duration) : '';
  return [paint.strong(label), pairs, shownDuration].filter((part) => part !== '').join(gap);
}

function rowLabel(row: MetricRow, { word, total }: StepNames): string {
  const digits = String(total ?? row.step).length;
  const count = total === undefined ? String(row.step) : `${String(row.step).padStart(digits)}/${total}`;
  const label = `${word} ${count}`;
  return row.isTest ? 'test'.padEnd(label.length) : label;
}

/** `loss 0.1834  accuracy 0.9312`: as many as fit, in reading order, with a gap before each. */
export function metricPairs(
  values: ReadonlyMap<string, number>,
  columns: number,
  paint: Paint,
  valueWidth = 0,
): string {
  const keys = [...values.keys()];
  const texts = new Map(keys.map((key) => [key, formatMetric(key, values.get(key)!).padStart(valueWidth)]));
  const chosen = new Set<string>();
  let used = 0;
  for (const key of byImportance(keys)) {
    const width = gap.length + shortName(key).length + 1 + texts.get(key)!.length;
    if (used + width > columns && chosen.size > 0) break;
    if (used + width > columns) continue;
    used += width;
    chosen.add(key);
  }
  return inReadingOrder(keys)
    .filter((key) => chosen.has(key))
    .map((key) => `${paint.faint(shortName(key))} ${texts.get(key)}`)
    .join(gap);
}

/** In the row of the test metrics the prefix says nothing new. */
function shortName(key: string): string {
  return key.replace(/^test_/, '');
}
