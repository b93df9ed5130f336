import { formatMetric } from '../util/format-metric.ts';
import { bestIndex } from '../util/primary-metric.ts';
import type { Look } from './look.ts';
import { sparkline } from './sparkline.ts';
import { textWidth } from './text-width.ts';

/** A metric's course, in the order of its steps. */
export interface MetricCourse {
  readonly key: string;
  readonly values: readonly number[];
  /** The step of each value; counted from 1 where they are not known. */
  readonly steps?: readonly number[];
}

const widestSparkline = 60;
/** Less of a sparkline beside the numbers shows nothing: it then gets a line of its own. */
const narrowestSparkline = 16;

/**
 * `val_auc ▁▃▆█▇  0.5535 → best 0.9712 (epoch 43) → 0.9677`, on two lines where it does not fit on one; the numbers
 * alone in a file and where the locale has no blocks.
 */
export function historyLines(course: MetricCourse, columns: number, look: Look, stepWord: string): string[] {
  const { key, values } = course;
  const name = look.paint.faint(key);
  const numbers = courseText(course, look, stepWord);
  if (!look.isTerminal || !look.isUnicode) return [`${name} ${numbers}`];
  const room = columns - textWidth(`${name}   ${numbers}`);
  const wanted = Math.min(values.length, widestSparkline);
  const isOneLine = room >= Math.min(wanted, narrowestSparkline);
  const spark = sparkline(values, Math.min(widestSparkline, isOneLine ? room : columns - textWidth(name) - 1));
  const drawn = look.paint.accent(spark);
  return isOneLine ? [`${name} ${drawn}  ${numbers}`] : [`${name} ${drawn}`, numbers];
}

/** `0.5535 → best 0.9712 (epoch 43) → 0.9677`: the best is said once, wherever it is. */
function courseText({ key, values, steps }: MetricCourse, { paint }: Look, stepWord: string): string {
  const best = bestIndex(key, values);
  const last = values.length - 1;
  const shown = [...new Set([0, best ?? 0, last])].sort((one, other) => one - other);
  return shown
    .map((index) => {
      const text = formatMetric(key, values[index]!);
      return index === best ? `best ${paint.strong(text)} (${stepWord} ${steps?.[index] ?? index + 1})` : text;
    })
    .join(' → ');
}
