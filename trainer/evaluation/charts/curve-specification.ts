import type { TopLevelSpec } from 'vega-lite';
import { cutMiddle } from '../text.ts';
import { literal } from './class-labels.ts';
import { chartConfiguration, colours, lineStyles } from './look.ts';

/** A row of a curve's table. */
export interface CurveRow {
  /** The class, whole. */
  readonly name: string;
  readonly kind: 'curve' | 'chance' | 'threshold in use';
  readonly threshold: number | '';
  readonly x: number;
  readonly y: number;
}

/** The point of the threshold in use, and what is written beside it. */
export interface MarkedPoint {
  readonly threshold: number;
  readonly x: number;
  readonly y: number;
  readonly lines: readonly string[];
}

export interface CurveSpecificationOptions {
  readonly title: string;
  readonly subtitle: readonly string[];
  readonly axes: readonly [x: string, y: string];
  /** Columns of the table. */
  readonly columns: readonly [x: string, y: string];
  /** `name` is the class's as in the table, `shown` as in pictures. */
  readonly curves: readonly {
    readonly label: number;
    readonly name: string;
    readonly shown: string;
    readonly area: number;
  }[];
  readonly hasLegend: boolean;
  readonly marked: MarkedPoint | null;
  readonly interpolate: 'linear' | 'step-before';
}

const side = 320;

/** Draws rows of `CurveRow`: curves, the line of chance, and the threshold in use. */
export function curveSpecification(options: CurveSpecificationOptions): TopLevelSpec {
  const { title, subtitle, axes, columns, marked } = options;
  const axis = (index: 0 | 1) => ({
    field: columns[index],
    type: 'quantitative',
    title: axes[index],
    scale: { domain: [0, 1], nice: false },
    axis: { tickCount: 5, format: '.1f' },
  });
  return {
    title: { text: title, subtitle },
    description: [title, ...subtitle, ...(marked?.lines ?? [])].join('; '),
    data: { name: 'table' },
    width: side,
    height: side,
    encoding: { x: axis(0), y: axis(1) },
    layer: [
      {
        transform: [{ filter: "datum.kind === 'chance'" }],
        mark: { type: 'line', color: '#999999', strokeWidth: 1, strokeDash: [3, 3] },
      },
      curveLayer(options),
      ...(marked === null ? [] : markedLayers(marked)),
    ],
    config: chartConfiguration,
  } as unknown as TopLevelSpec;
}

function curveLayer({ curves, hasLegend, interpolate }: CurveSpecificationOptions): object {
  const labels = curves.map(({ shown, area }) => `${cutMiddle(shown, 180, 12)} (${area.toFixed(3)})`);
  // By class, not by place in the list: a class has the same colour in every picture.
  const order = curves.map(({ label }) => label).sort((a, b) => a - b);
  const styles = curves.map(({ label }) => lineStyles[order.indexOf(label)] as (typeof lineStyles)[number]);
  const style = (range: 'colour' | 'dash') => ({
    field: 'label',
    type: 'nominal',
    sort: labels,
    scale: { domain: labels, range: styles.map((chosen) => chosen[range]) },
    legend: hasLegend ? { title: null, symbolType: 'stroke', symbolSize: 400, symbolStrokeWidth: 2 } : null,
  });
  const names = literal(curves.map(({ name }) => name));
  return {
    transform: [
      { filter: "datum.kind === 'curve'" },
      { calculate: `${literal(labels)}[indexof(${names}, datum.class)]`, as: 'label' },
      { window: [{ op: 'row_number', as: 'place' }], groupby: ['class'] },
    ],
    mark: { type: 'line', strokeWidth: 2, interpolate, strokeJoin: 'round' },
    // In the order of the table: a line may rise straight up.
    encoding: { color: style('colour'), strokeDash: style('dash'), order: { field: 'place', type: 'quantitative' } },
  };
}

/** The text stands on the side of the point where there is room. */
function markedLayers({ x, y, lines }: MarkedPoint): object[] {
  const transform = [{ filter: "datum.kind === 'threshold in use'" }];
  const isRight = x > 0.5;
  const isLow = y < 0.25;
  const text = {
    type: 'text',
    text: lines,
    align: isRight ? 'right' : 'left',
    baseline: isLow ? 'bottom' : 'top',
    dx: isRight ? -10 : 10,
    dy: isLow ? -6 - 14 * (lines.length - 1) : 10,
    lineHeight: 14,
    fontSize: 11,
  };
  return [
    {
      transform,
      mark: { type: 'point', filled: true, size: 90, color: colours.vermillion, opacity: 1, stroke: '#FFFFFF' },
    },
    // First as a white shape, so that a curve below does not strike the words through.
    { transform, mark: { ...text, color: '#FFFFFF', stroke: '#FFFFFF', strokeWidth: 4, strokeJoin: 'round' } },
    { transform, mark: { ...text, color: colours.ink } },
  ];
}
