import {
  areaUnderRoc,
  averagePrecision,
  type CurvePoint,
  curveProblem,
  precisionRecallPoints,
  rocPoints,
  type ScoreSteps,
  scoreSteps,
} from '../curves.ts';
import type { Predictions } from '../predictions.ts';
import { cutMiddle, numberedNames } from '../text.ts';
import { thinLine } from '../thin-line.ts';
import { type ThresholdEffect, thresholdEffect } from '../threshold-choice.ts';
import type { Chart } from './chart.ts';
import { toCsv } from './csv.ts';
import { type CurveRow, curveSpecification, type MarkedPoint } from './curve-specification.ts';
import { linesAtMost } from './look.ts';
import { sentenceChart } from './sentence.ts';

/** Finer than the chart has pixels; a drawn curve has at most four points a column. */
const columns = 400;

/** What differs between the two pictures. */
interface CurveKind {
  readonly name: string;
  readonly title: string;
  readonly areaName: string;
  readonly area: (predictions: Predictions, label: number) => number;
  readonly axes: readonly [x: string, y: string];
  readonly points: (steps: ScoreSteps) => CurvePoint[];
  /** What a model that knows nothing draws, where that is one line for all curves. */
  readonly chance: (predictions: Predictions) => readonly [left: number, right: number] | null;
  readonly marked: (effect: ThresholdEffect) => { readonly x: number; readonly y: number };
  readonly interpolate: 'linear' | 'step-before';
}

const roc: CurveKind = {
  name: 'roc-curve',
  title: 'ROC curve',
  areaName: 'area',
  area: areaUnderRoc,
  axes: ['false positive rate', 'true positive rate'],
  points: rocPoints,
  chance: () => [0, 1],
  marked: ({ falsePositiveRate, recall }) => ({ x: falsePositiveRate, y: recall }),
  interpolate: 'linear',
};

const precisionRecall: CurveKind = {
  name: 'precision-recall-curve',
  title: 'Precision and recall',
  areaName: 'average precision',
  area: averagePrecision,
  axes: ['recall', 'precision'],
  points: precisionRecallPoints,
  chance: ({ labels, classNames }) => {
    const share = labels.filter((label) => label === 1).length / labels.length;
    return classNames.length === 2 ? [share, share] : null;
  },
  marked: ({ recall, precision }) => ({ x: recall, y: precision }),
  interpolate: 'step-before',
};

/**
 * `roc-curve`: with two classes the curve of the second with the threshold in use marked; with more a curve a class
 * against all others, the ten with the smallest areas. Areas come from all points, the table holds those that show.
 */
export function rocChart(predictions: Predictions): Chart {
  return curveChart(predictions, roc);
}

/** `precision-recall-curve`: as `rocChart`; its area is the average precision. */
export function precisionRecallChart(predictions: Predictions): Chart {
  return curveChart(predictions, precisionRecall);
}

function curveChart(predictions: Predictions, kind: CurveKind): Chart {
  const { classNames, threshold } = predictions;
  const isBinary = classNames.length === 2;
  const shown = numberedNames(classNames);
  const asked = isBinary ? [1] : classNames.map((_, label) => label);
  const curves = asked
    .filter((label) => curveProblem(predictions, label) === null)
    .map((label) => ({
      label,
      name: classNames[label] as string,
      shown: shown[label] as string,
      area: kind.area(predictions, label),
    }))
    .sort((a, b) => a.area - b.area);
  const drawn = curves.slice(0, linesAtMost);
  const rows: CurveRow[] = drawn.flatMap(({ label, name }) =>
    thinLine(fromLeft(kind.points(scoreSteps(predictions, label)), kind), columns).map((point) => ({
      name,
      kind: 'curve',
      ...point,
    })),
  );
  const base = { name: kind.name, format: 'csv', numbers: ['threshold', ...kind.axes.map(column)] } as const;
  if (drawn.length === 0) {
    const problem = curveProblem(predictions, asked[0] as number) ?? '';
    return sentenceChart({ ...base, data: tableOf([], kind) }, kind.title, `No curve can be drawn. ${problem}`);
  }
  const chance = kind.chance(predictions);
  const ends =
    chance === null ? [] : chance.map((y, x) => ({ name: '', kind: 'chance', threshold: '', x, y }) as const);
  const marked = isBinary && threshold !== null ? markedPoint(predictions, threshold, kind) : null;
  const inUse =
    marked === null ? [] : [{ name: classNames[1] as string, kind: 'threshold in use', ...marked } as const];
  return {
    ...base,
    data: tableOf([...rows, ...ends, ...inUse], kind),
    specification: curveSpecification({
      title: kind.title,
      subtitle: isBinary
        ? oneCurveSubtitle(predictions, kind, drawn[0]?.area as number, marked)
        : manyCurvesSubtitle(kind, drawn.length, curves.length, classNames.length),
      axes: kind.axes,
      columns: [column(kind.axes[0]), column(kind.axes[1])],
      curves: drawn,
      hasLegend: !isBinary,
      marked,
      interpolate: kind.interpolate,
    }),
  };
}

/** A step curve needs a point at its left end. */
function fromLeft(points: readonly CurvePoint[], { interpolate }: CurveKind): readonly CurvePoint[] {
  const [first] = points;
  return interpolate === 'linear' || first === undefined ? points : [{ ...first, x: 0 }, ...points];
}

function markedPoint(predictions: Predictions, threshold: number, kind: CurveKind): MarkedPoint | null {
  const effect = thresholdEffect(predictions, threshold);
  const point = kind.marked(effect);
  // With nothing said to be positive there is no precision, only the 0 it counts as.
  if (kind === precisionRecall && point.x === 0) return null;
  const [x, y] = kind.axes;
  return {
    ...point,
    threshold,
    lines: [`threshold ${threshold}`, `${y} ${point.y.toFixed(3)}`, `${x} ${point.x.toFixed(3)}`],
  };
}

function oneCurveSubtitle(
  { classNames, threshold }: Predictions,
  kind: CurveKind,
  area: number,
  marked: MarkedPoint | null,
): string[] {
  const name = cutMiddle(numberedNames(classNames)[1] as string, 240, 12);
  return [
    `${kind.areaName} ${area.toFixed(4)}; positive class: ${name}`,
    ...(threshold !== null && marked === null ? [`at threshold ${threshold} nothing is said to be of it`] : []),
  ];
}

function manyCurvesSubtitle(kind: CurveKind, drawn: number, possible: number, classes: number): string[] {
  const lines = [`each class against all others; ${kind.areaName} in brackets`];
  if (drawn < possible) lines.push(`the ${drawn} of ${possible} classes with the lowest ${kind.areaName}`);
  if (possible < classes) lines.push(`${classes - possible} classes have no curve: no samples, or no finite scores`);
  return lines;
}

/** `false positive rate` as a column's name. */
function column(axis: string): string {
  return axis.replaceAll(' ', '_');
}

function tableOf(rows: readonly CurveRow[], kind: CurveKind): string {
  const header = ['class', 'kind', 'threshold', ...kind.axes.map(column)];
  return toCsv([header, ...rows.map(({ name, kind: what, threshold, x, y }) => [name, what, threshold, x, y])]);
}
