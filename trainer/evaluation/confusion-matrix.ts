import type { TopLevelSpec } from 'vega-lite';
import { type Chart, chartConfiguration, colours, writeChart } from './chart.ts';

export interface ConfusionMatrixOptions {
  readonly directory: string;
  readonly classNames: readonly string[];
  /** `counts[actual][predicted]`. */
  readonly counts: readonly (readonly number[])[];
  /** From which score on the positive class was said; null where the largest score decides. */
  readonly threshold: number | null;
}

/**
 * Writes `confusion-matrix.csv` (actual, predicted, count, rate) and a picture of it. A rate is the share of its
 * actual class; for a class without examples it is left empty.
 *
 * @returns the files' paths.
 */
export function writeConfusionMatrix(options: ConfusionMatrixOptions): Promise<string[]> {
  return writeChart(options.directory, confusionMatrix(options));
}

export function confusionMatrix(options: Omit<ConfusionMatrixOptions, 'directory'>): Chart {
  const { classNames, counts, threshold } = options;
  const rows = classNames.flatMap((actual, row) => {
    const total = sum(counts[row] ?? []);
    return classNames.map((predicted, column) => {
      const count = counts[row]?.[column] ?? 0;
      return [actual, predicted, count, total === 0 ? '' : count / total];
    });
  });
  const examples = sum(counts.map(sum));
  const subtitle = `${examples.toLocaleString('en')} examples${threshold === null ? '' : `, threshold ${threshold}`}`;
  return {
    name: 'confusion-matrix',
    columns: ['actual', 'predicted', 'count', 'rate'],
    rows,
    specification: specification(classNames, subtitle),
  };
}

/** Names of two words are wider than a cell: each word gets a line. */
const wordsBelowEachOther = "split(datum.label, ' ')";

function specification(classNames: readonly string[], subtitle: string): TopLevelSpec {
  const cell = classNames.length <= 6 ? 110 : Math.max(28, Math.floor(660 / classNames.length));
  const large = cell >= 60;
  const axis = (field: string, labels: object) => ({
    field,
    type: 'nominal',
    sort: classNames,
    title: `${field} class`,
    axis: { domain: false, ticks: false, labelPadding: 6, ...labels },
  });
  const text = (expression: string, offset: number, fontSize: number, weight: string) => ({
    transform: [{ calculate: expression, as: 'label' }],
    mark: { type: 'text', dy: offset, fontSize, fontWeight: weight },
    encoding: {
      text: { field: 'label' },
      color: { condition: { test: 'datum.share > 0.55', value: '#FFFFFF' }, value: colours.ink },
    },
  });
  return {
    title: { text: 'Confusion matrix', subtitle },
    data: { name: 'table' },
    width: cell * classNames.length,
    height: cell * classNames.length,
    transform: [{ calculate: "datum.rate === '' || datum.rate === null ? 0 : toNumber(datum.rate)", as: 'share' }],
    encoding: {
      x: axis(
        'predicted',
        large
          ? { labelAngle: 0, labelLimit: cell - 8, labelExpr: wordsBelowEachOther }
          : { labelAngle: -45, labelLimit: 140 },
      ),
      y: axis('actual', { labelLimit: 200 }),
    },
    layer: [
      {
        mark: { type: 'rect', stroke: '#FFFFFF', strokeWidth: 2 },
        encoding: {
          color: {
            field: 'share',
            type: 'quantitative',
            scale: { domain: [0, 1], range: ['#F3F7FB', '#08519C'] },
            legend: { title: 'share of the actual class', format: '.0%', gradientLength: Math.min(180, cell * 2) },
          },
        },
      },
      text("format(toNumber(datum.count), ',')", large ? -8 : 0, large ? 18 : 9, 'bold'),
      ...(large
        ? [
            text(
              "datum.rate === '' || datum.rate === null ? 'no examples' : format(datum.share, '.1%')",
              14,
              12,
              'normal',
            ),
          ]
        : []),
    ],
    config: { ...chartConfiguration, legend: { titleFontSize: 11, titleFontWeight: 'normal', titleLimit: 200 } },
  } as unknown as TopLevelSpec;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
