import type { TopLevelSpec } from 'vega-lite';
import type { Chart } from './chart.ts';
import { toCsv } from './csv.ts';
import { chartConfiguration, colours } from './look.ts';

/** What one epoch gave. Keys of validation begin with `val_`. */
export interface EpochValues {
  /** From 1. */
  readonly epoch: number;
  readonly values: Readonly<Record<string, number>>;
}

/** In the table, but no measure of learning. */
const notDrawn: readonly string[] = ['epoch_seconds', 'learning_rate', 'samples_per_second'];
/** Longer trainings are drawn by the lowest and highest value in each of `columnsAtMost` runs of epochs. */
const epochsDrawnAtMost = 1000;
/** Wider than the panel has pixels. */
const columnsAtMost = 300;

/**
 * The table `learning-curves.csv` (one row an epoch) and a picture of it: a panel for the loss and for each other
 * metric, training solid, validation dashed. Values that are not finite are gaps, and told below the title.
 */
export function learningCurves(history: readonly EpochValues[]): Chart {
  const keys = [...new Set(history.flatMap(({ values }) => Object.keys(values)))];
  const rows = history.map(({ epoch, values }) => [epoch, ...keys.map((key) => values[key] ?? '')]);
  const metrics = [...new Set(keys.map((key) => key.replace(/^val_/, '')))]
    .filter((key) => !notDrawn.includes(key))
    .sort((a, b) => Number(b === 'loss') - Number(a === 'loss'));
  const panels = metrics.map((metric) => panel(metric, keys, history));
  return {
    name: 'learning-curves',
    format: 'csv',
    data: toCsv([['epoch', ...keys], ...rows]),
    numbers: ['epoch', ...keys],
    specification: panels.length === 0 ? null : specification(panels, subtitle(history)),
  };
}

function specification(panels: readonly object[], lines: readonly string[]): TopLevelSpec {
  return {
    title: { text: 'Learning curves', subtitle: lines },
    description: `Learning curves: ${lines.join('; ')}`,
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
  const hasValue = history.some(({ values }) => series.some((key) => Number.isFinite(values[key])));
  const name = metric === 'auc' ? 'AUC' : metric.replaceAll('_', ' ');
  return {
    width: 260,
    height: 180,
    transform: [
      { fold: series, as: ['key', 'number'] },
      { calculate: "substring(datum.key, 0, 4) === 'val_' ? 'validation' : 'training'", as: 'set' },
      { calculate: 'isFinite(datum.number) ? datum.number : null', as: 'value' },
      ...(epochs.length > epochsDrawnAtMost ? thinning(epochs.length) : []),
    ],
    // Points show where epochs are, and a value between two gaps; a long training would be a string of pearls.
    mark: {
      type: 'line',
      strokeWidth: history.length <= 200 ? 2 : 1,
      point: history.length <= 40 ? { size: 22, filled: true } : false,
    },
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
        title: hasValue ? name : `${name} (no finite value)`,
        scale: { zero: false, nice: 5, ...(hasValue ? {} : { domain: [0, 1] }) },
        axis: { tickCount: 5, labels: hasValue },
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

/** Of each run of epochs the lowest and the highest value of a line: finer than the panel has pixels. */
function thinning(epochs: number): object[] {
  const step = Math.ceil(epochs / columnsAtMost);
  return [
    { calculate: `floor(datum.epoch / ${step})`, as: 'column' },
    {
      joinaggregate: [
        { op: 'min', field: 'value', as: 'low' },
        { op: 'max', field: 'value', as: 'high' },
      ],
      groupby: ['key', 'column'],
    },
    { filter: 'datum.value === null || datum.value === datum.low || datum.value === datum.high' },
    { window: [{ op: 'row_number', as: 'repetition' }], groupby: ['key', 'column', 'value'] },
    { filter: 'datum.repetition === 1' },
  ];
}

/** What the lines do not show: the best epoch, and which values are missing. */
function subtitle(history: readonly EpochValues[]): string[] {
  const key = history.some(({ values }) => values.val_loss !== undefined) ? 'val_loss' : 'loss';
  const finite = history.filter(({ values }) => Number.isFinite(values[key]));
  const best = finite.reduce<EpochValues | null>(
    (lowest, epoch) =>
      lowest === null || (epoch.values[key] as number) < (lowest.values[key] as number) ? epoch : lowest,
    null,
  );
  const name = key === 'loss' ? 'training loss' : 'validation loss';
  const last = history.at(-1)?.epoch ?? 0;
  const lines = [
    best === null
      ? `no finite ${name} in ${epochsText(last)}`
      : `lowest ${name} ${(best.values[key] as number).toPrecision(4)} in epoch ${best.epoch} of ${last}`,
  ];
  const gaps = gapsText(history);
  return gaps === '' ? lines : [...lines, gaps];
}

function gapsText(history: readonly EpochValues[]): string {
  const counts = new Map<string, number>();
  for (const { values } of history) {
    for (const [key, value] of Object.entries(values)) {
      if (!Number.isFinite(value)) counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  if (counts.size === 0) return '';
  const parts = [...counts].map(([key, count]) => `${key} in ${epochsText(count)}`);
  return `not finite, and so not drawn: ${parts.join(', ')}`;
}

function epochsText(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'epoch' : 'epochs'}`;
}

function setsOf(keys: readonly string[]): string[] {
  return keys.some((key) => key.startsWith('val_')) ? ['training', 'validation'] : ['training'];
}
