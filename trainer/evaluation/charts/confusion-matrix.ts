import type { TopLevelSpec } from 'vega-lite';
import { wrapWords } from '../text.ts';
import type { Chart } from './chart.ts';
import { type ClassLabels, classLabels, literal } from './class-labels.ts';
import { toCsv } from './csv.ts';
import { chartConfiguration, colours } from './look.ts';

export interface ConfusionMatrixOptions {
  /** File name without its end. */
  readonly name?: string;
  readonly title?: string;
  readonly classNames: readonly string[];
  /** `counts[actual][predicted]`. */
  readonly counts: readonly (readonly number[])[];
  /** From which score on the positive class was said; null where the largest score decides. */
  readonly threshold: number | null;
  /** Examples with a score that is not a number: they count as the first class. */
  readonly unscored?: number;
}

/** Larger matrices are drawn for the classes with the most errors alone, and written without their empty cells. */
export const classesDrawnAtMost = 50;

/**
 * The table `confusion-matrix.csv` (actual, predicted, count, rate) and a picture of it. A rate is the share of its
 * actual class; for a class without examples it is left empty.
 */
export function confusionMatrix(options: ConfusionMatrixOptions): Chart {
  const { name = 'confusion-matrix', classNames, counts } = options;
  const isLarge = classNames.length > classesDrawnAtMost;
  const rows = classNames.flatMap((actual, row) => {
    const total = sum(counts[row] ?? []);
    return classNames
      .map((predicted, column) => {
        const count = counts[row]?.[column] ?? 0;
        return [actual, predicted, count, total === 0 ? '' : count / total] as const;
      })
      .filter(([, , count]) => !isLarge || count > 0);
  });
  return {
    name,
    format: 'csv',
    data: toCsv([['actual', 'predicted', 'count', 'rate'], ...rows]),
    numbers: ['count', 'rate'],
    specification: specification(options, isLarge ? mostConfused(counts) : classNames.map((_, label) => label)),
  };
}

/** The classes with the most errors, as actual or as predicted class, in the data set's order. */
function mostConfused(counts: readonly (readonly number[])[]): number[] {
  const errors = counts.map(
    (row, label) => sum(row) + sum(counts.map((other) => other[label] ?? 0)) - 2 * (row[label] ?? 0),
  );
  const order = errors.map((_, label) => label).sort((a, b) => (errors[b] as number) - (errors[a] as number));
  return order.slice(0, classesDrawnAtMost).sort((a, b) => a - b);
}

function subtitle({ classNames, counts, threshold, unscored = 0 }: ConfusionMatrixOptions, drawn: number): string[] {
  const examples = sum(counts.map(sum));
  const lines = [
    `${examples.toLocaleString('en')} example${examples === 1 ? '' : 's'}${threshold === null ? '' : `, threshold ${threshold}`}`,
  ];
  if (drawn < classNames.length) lines.push(`the ${drawn} of ${classNames.length} classes with the most errors`);
  if (unscored > 0) {
    lines.push(`${unscored.toLocaleString('en')} with a score that is not a number count as the first class`);
  }
  return lines;
}

function specification(options: ConfusionMatrixOptions, drawn: readonly number[]): TopLevelSpec {
  const { title = 'Confusion matrix', classNames } = options;
  const names = drawn.map((label) => classNames[label] as string);
  const cell = names.length <= 6 ? 110 : Math.max(22, Math.floor(720 / names.length));
  const large = cell >= 60;
  const labels = classLabels(classNames, drawn, large ? 2 * cell : 150, 11);
  const lines = subtitle(options, drawn.length);
  return {
    title: { text: title, subtitle: lines },
    description: `${title}: ${lines.join('; ')}`,
    data: { name: 'table' },
    width: cell * names.length,
    height: cell * names.length,
    transform: [
      ...(names.length < classNames.length ? [{ filter: `indexof(${literal(names)}, datum.actual) >= 0` }] : []),
      ...(names.length < classNames.length ? [{ filter: `indexof(${literal(names)}, datum.predicted) >= 0` }] : []),
      labels.transform('actual', 'row'),
      labels.transform('predicted', 'column'),
      { calculate: 'isValid(datum.rate) ? datum.rate : 0', as: 'share' },
    ],
    encoding: {
      x: axis('column', 'predicted class', labels, columnLabels(labels, large ? cell : null)),
      y: axis('row', 'actual class', labels, { labelLimit: 220 }),
    },
    layer: [
      {
        mark: { type: 'rect', stroke: '#FFFFFF', strokeWidth: large ? 2 : 1 },
        encoding: {
          color: {
            field: 'share',
            type: 'quantitative',
            scale: { domain: [0, 1], range: ['#F3F7FB', '#08519C'] },
            legend: {
              title: 'share of the actual class',
              format: '.0%',
              gradientLength: Math.min(180, cell * names.length),
            },
          },
        },
      },
      ...(large ? [cellText("format(datum.count, ',')", -8, 18), cellText(rateText, 14, 12)] : [smallText(cell)]),
    ],
    config: { ...chartConfiguration, legend: { titleFontSize: 11, titleFontWeight: 'normal', titleLimit: 200 } },
  } as unknown as TopLevelSpec;
}

const rateText = "isValid(datum.rate) ? format(datum.share, '.1%') : 'no examples'";
/** Below large cells names are wrapped, below small ones they are turned. */
function columnLabels(labels: ClassLabels, cell: number | null): object {
  if (cell === null) return { labelAngle: -60, labelAlign: 'right', labelBaseline: 'middle', labelLimit: 160 };
  const lines = labels.names.map((name) => literal(wrapWords(name, cell - 8, 11, 3)));
  return { labelAngle: 0, labelExpr: `[${lines.join(',')}][indexof(${literal(labels.names)}, datum.label)]` };
}

function axis(field: string, title: string, labels: ClassLabels, options: object): object {
  return {
    field,
    type: 'nominal',
    sort: labels.names,
    scale: { domain: labels.names },
    title,
    axis: { domain: false, ticks: false, labelPadding: 6, labelOverlap: false, ...options },
  };
}

function cellText(expression: string, offset: number, fontSize: number): object {
  return {
    transform: [{ calculate: expression, as: 'label' }],
    mark: { type: 'text', dy: offset, fontSize, fontWeight: fontSize > 12 ? 'bold' : 'normal' },
    encoding: {
      text: { field: 'label' },
      color: { condition: { test: 'datum.share > 0.55', value: '#FFFFFF' }, value: colours.ink },
    },
  };
}

/** In small cells: counts above 0 alone, thousands as 1.2k. */
function smallText(cell: number): object {
  const text = cellText(
    "datum.count < 1000 ? format(datum.count, 'd') : format(datum.count, '.2s')",
    0,
    cell < 30 ? 8 : 10,
  );
  return { ...text, transform: [{ filter: 'datum.count > 0' }, ...(text as { transform: object[] }).transform] };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
