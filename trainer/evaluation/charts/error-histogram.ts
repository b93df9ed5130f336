import type { TopLevelSpec } from 'vega-lite';
import { binCount } from '../score-bins.ts';
import type { Chart } from './chart.ts';
import { toCsv } from './csv.ts';
import { chartConfiguration, colours } from './look.ts';
import { sentenceChart } from './sentence.ts';

export interface ErrorHistogramOptions {
  /** File name without its end. */
  readonly name: string;
  readonly title: string;
}

/**
 * How often each size of the mean squared error was made, from 0 to the largest; those that are not finite are left out
 * and told.
 */
export function errorHistogram(errors: ArrayLike<number>, { name, title }: ErrorHistogramOptions): Chart {
  const finite = Array.from(errors)
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const largest = finite.at(-1) || 1;
  const counts = new Array<number>(binCount).fill(0);
  for (const error of finite) {
    const bin = Math.min(binCount - 1, Math.floor((error / largest) * binCount));
    counts[bin] = (counts[bin] as number) + 1;
  }
  const edge = (bin: number) => Number(((bin / binCount) * largest).toPrecision(12));
  const rows = counts.map((count, bin) => [edge(bin), edge(bin + 1), count]);
  const data = toCsv([['from', 'to', 'count'], ...rows]);
  const chart = { name, format: 'csv', data, numbers: ['from', 'to', 'count'] } as const;
  if (finite.length === 0) {
    const sentence =
      errors.length === 0 ? 'There are no samples.' : `None of ${errors.length} errors is a finite number.`;
    return sentenceChart(chart, title, sentence);
  }
  const mean = finite.reduce((sum, error) => sum + error, 0) / finite.length;
  const lines = [
    `mean squared error: mean ${short(mean)} (dashed), median ${short(finite[finite.length >> 1] as number)}, highest ${short(finite.at(-1) as number)}`,
  ];
  const left = errors.length - finite.length;
  if (left > 0)
    lines.push(`${left.toLocaleString('en')} of ${errors.length.toLocaleString('en')} errors not finite and left out`);
  return { ...chart, specification: specification(title, lines, largest, mean) };
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function specification(title: string, lines: readonly string[], largest: number, mean: number): TopLevelSpec {
  const x = {
    field: 'from',
    type: 'quantitative',
    scale: { domain: [0, largest], nice: false },
    title: 'mean squared error of a sample',
    axis: { tickCount: 6, grid: false },
  };
  return {
    title: { text: title, subtitle: lines },
    description: [title, ...lines].join('; '),
    data: { name: 'table' },
    width: 480,
    height: 220,
    layer: [
      {
        transform: [{ filter: 'datum.count > 0' }],
        mark: { type: 'bar', color: colours.blue, binSpacing: 1 },
        encoding: {
          x: { ...x, bin: 'binned' },
          x2: { field: 'to' },
          y: { field: 'count', type: 'quantitative', title: 'samples', axis: { format: ',d', tickMinStep: 1 } },
        },
      },
      {
        data: { values: [{ mean }] },
        mark: { type: 'rule', color: colours.ink, strokeDash: [4, 3], strokeWidth: 1.5 },
        encoding: { x: { field: 'mean', type: 'quantitative' } },
      },
    ],
    config: chartConfiguration,
  } as unknown as TopLevelSpec;
}
