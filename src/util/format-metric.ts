import { formatNumber } from './format.ts';

/** Measures that lie between 0 and 1, or are read beside such: a value of exactly 1 is still written as 1.0000. */
const continuous =
  /(accuracy|acc|auc|auroc|precision|recall|f1|iou|dice|mcc|kappa|sensitivity|specificity|loss|error|mae|mse|rmse|r2|score|rate|perplexity)$/i;

/**
 * A metric's value for people, so that the values of one metric stand below each other: four decimals, fewer for large
 * values, an exponent below 0.001. Of metrics that count something, whole numbers stay whole.
 */
export function formatMetric(key: string, value: number): string {
  const magnitude = Math.abs(value);
  if (!Number.isFinite(value) || magnitude >= 1e5) return formatNumber(value);
  if (Number.isInteger(value) && !continuous.test(key)) return String(value);
  if (magnitude !== 0 && magnitude < 0.001) return value.toExponential(2);
  const decimals = magnitude < 100 ? 4 : magnitude < 1000 ? 3 : magnitude < 10_000 ? 2 : 1;
  return value.toFixed(decimals);
}
