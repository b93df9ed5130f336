import type { TopLevelSpec } from 'vega-lite';
import { type Chart, chartConfiguration, colours, writeChart } from './chart.ts';

/** What one epoch gave. Keys of validation begin with `val_`. */
export interface EpochValues {
  /** From 1. */
  readonly epoch: number;
  readonly values: Readonly<Record<string, number>>;
}

/** In the table, but no measure of learning. */
const notDrawn: readonly string[] = ['epoch_seconds', 'learning_rate', 'samples_per_second'];

/**
 * Writes `learning-curves.csv` (one row an epoch) and a picture of it: a panel for the loss and for each other metric,
 * training solid, validation dashed. Values that are not finite are gaps.
 *
 * @returns the files' paths.
 */
export function writeLearningCurves(options: {
  readonly directory: string;
  readonly history: readonly EpochValues[];
}): Promise<string[]> {
  return writeChart(options.directory, learningCurves(options.history));
}

export function learningCurves(history: readonly EpochValues[]): Chart {
  const keys = [...new Set(history.flatMap(({ values }) => Object.keys(values)))];
  const rows = history.map(({ epoch, values }) => [epoch, ...keys.map((key) => values[key] ?? '')]);
  const metrics = [...new Set(keys.map((key) => key.replace(/^val_/, '')))]
    .filter((key) => !notDrawn.includes(key))
    .sort((a, b) => Number(b === 'loss') - Number(a === 'loss'));
  const panels = metrics.map((metric) => panel(metric, keys, history));
  return {
    name: 'learning-curves',
    columns: ['epoch', ...keys],
    rows,
    specification: panels.length === 0 ? null : specification(panels),
  };
}

function specification(panels: readonly object[]): TopLevelSpec {
  return {
    title: 'Learning curves',
    data: { name: 'table' },
    concat: panels,
    columns: Math.min(panels.length, panels.length === 4 ? 2 : 3),
    spacing: { row: 28, column: 36 },
    config: {
      ...chartConfiguration,
      legend: {
        orient: 'top',
        title: null,
        labelFontSize: 12,
        symbolType: 'stroke',
        symbolSize: 500,
        symbolStrokeWidth: 2,
        columnPadding: 24,
      },
      // A line ends at a missing value and begins again after it.
      mark: { invalid: 'break-paths-show-path-domains' },
    },
  } as unknown as TopLevelSpec;
}

function panel(metric: string, keys: readonly string[], history: readonly EpochValues[]): object {
  const series = [metric, `val_${metric}`].filter((key) => keys.includes(key));
  const epochs = history.map(({ epoch }) => epoch);
  const first = epochs[0] ?? 1;
  const last = epochs.at(-1) ?? first;
  return {
    width: 260,
    height: 180,
    transform: [
      { fold: series, as: ['key', 'text'] },
      { calculate: "substring(datum.key, 0, 4) === 'val_' ? 'validation' : 'training'", as: 'set' },
      { calculate: 'toNumber(datum.text)', as: 'number' },
      { calculate: 'isFinite(datum.number) ? datum.number : null', as: 'value' },
    ],
    // Points show where epochs are, and a value between two gaps; a long training would be a string of pearls.
    mark: { type: 'line', strokeWidth: 2, point: history.length <= 40 ? { size: 22, filled: true } : false },
    encoding: {
      x: {
        field: 'epoch',
        type: 'quantitative',
        title: 'epoch',
        scale: { domain: epochs.length === 1 ? [first - 0.5, first + 0.5] : [first, last], nice: false, padding: 8 },
        axis: {
          format: 'd',
          grid: false,
          labelFlush: false,
          tickMinStep: 1,
          ...(epochs.length <= 10 ? { values: epochs } : { tickCount: 6 }),
        },
      },
      y: {
        field: 'value',
        type: 'quantitative',
        title: metric === 'auc' ? 'AUC' : metric.replaceAll('_', ' '),
        scale: { zero: false, nice: 5 },
        axis: { tickCount: 5 },
      },
      color: {
        field: 'set',
        type: 'nominal',
        scale: { domain: setsOf(keys), range: [colours.blue, colours.vermillion] },
      },
      strokeDash: {
        field: 'set',
        type: 'nominal',
        scale: {
          domain: setsOf(keys),
          range: [
            [1, 0],
            [6, 4],
          ],
        },
      },
    },
  };
}

function setsOf(keys: readonly string[]): string[] {
  return keys.some((key) => key.startsWith('val_')) ? ['training', 'validation'] : ['training'];
}
