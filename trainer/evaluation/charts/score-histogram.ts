import type { TopLevelSpec } from 'vega-lite';
import { areaUnderRoc } from '../curves.ts';
import { countUnscored, type Predictions } from '../predictions.ts';
import { binCount, scoreBins } from '../score-bins.ts';
import { cutMiddle, numberedNames } from '../text.ts';
import type { Chart } from './chart.ts';
import { quoted } from './class-labels.ts';
import { toCsv } from './csv.ts';
import { chartConfiguration, colours, linesAtMost } from './look.ts';
import { sentenceChart } from './sentence.ts';

export interface ScoreHistogramOptions {
  /** File name without its end. */
  readonly name?: string;
  readonly title?: string;
}

/** One class's scores, of its own samples and of the others. */
interface Panel {
  readonly label: number;
  /** As in the table. */
  readonly name: string;
  /** As in pictures. */
  readonly shown: string;
  /** What the two groups are called in the picture. */
  readonly groups: readonly [own: string, others: string];
}

/**
 * `score-histogram`: how often each score was given to the samples of a class and to the others, as counts (on a
 * logarithmic scale that knows 0, so that a rare class shows) and as shares of the group. With two classes it is the
 * score of the second; with more a row a class, the ten with the smallest areas under the ROC curve.
 */
export function scoreHistogram(predictions: Predictions, options: ScoreHistogramOptions = {}): Chart {
  const { name = 'score-histogram', title = 'Scores by class' } = options;
  const panels = panelsOf(predictions);
  const rows = panels.flatMap((panel) => panelRows(predictions, panel));
  const header = ['class', 'group', 'from', 'to', 'count', 'share'];
  const chart = {
    name,
    format: 'csv',
    data: toCsv([header, ...rows]),
    numbers: ['from', 'to', 'count', 'share'],
  } as const;
  const unscored = countUnscored(predictions);
  if (unscored === predictions.labels.length) {
    const sentence = unscored === 0 ? 'There are no samples.' : `None of ${unscored} scores is a finite number.`;
    return sentenceChart(chart, title, sentence);
  }
  const lines = subtitle(predictions, panels.length, unscored);
  const largest = Math.max(...rows.map((row) => row[4] as number));
  return { ...chart, specification: specification(predictions, panels, { title, lines, largest }) };
}

function panelsOf(predictions: Predictions): Panel[] {
  const { classNames } = predictions;
  const numbered = numberedNames(classNames);
  if (classNames.length === 2) {
    const [negative = '', positive = ''] = numbered.map((name) => cutMiddle(name, 200, 12));
    return [{ label: 1, name: classNames[1] as string, shown: positive, groups: [positive, negative] }];
  }
  const areas = classNames.map((_, label) => areaUnderRoc(predictions, label));
  // Classes without an area come last.
  const rank = (label: number) => (Number.isNaN(areas[label]) ? 2 : (areas[label] as number));
  return classNames
    .map((name, label) => ({
      label,
      name,
      shown: cutMiddle(numbered[label] as string, 270, 11),
      groups: ['samples of the class', 'all other samples'] as const,
    }))
    .sort((a, b) => rank(a.label) - rank(b.label))
    .slice(0, linesAtMost);
}

function panelRows(predictions: Predictions, { label, name, groups }: Panel): (string | number)[][] {
  const isBinary = predictions.classNames.length === 2;
  return [true, false].flatMap((isOwn, index) => {
    const { counts, total } = scoreBins(predictions, label, (actual) => (actual === label) === isOwn);
    // In the table of two classes the group is the class, by its whole name.
    const group = isBinary ? (predictions.classNames[isOwn ? 1 : 0] as string) : (groups[index] as string);
    return counts.map((count, bin) => [
      name,
      group,
      bin / binCount,
      (bin + 1) / binCount,
      count,
      total === 0 ? 0 : count / total,
    ]);
  });
}

function subtitle({ classNames, threshold }: Predictions, drawn: number, unscored: number): string[] {
  const lines =
    classNames.length === 2
      ? [
          `score: probability of ${cutMiddle(numberedNames(classNames)[1] as string, 300, 12)}${threshold === null ? '' : `; threshold ${threshold}`}`,
        ]
      : ['score: probability of the class that is named'];
  if (drawn < classNames.length && classNames.length > 2) {
    lines.push(`the ${drawn} of ${classNames.length} classes with the smallest areas under the ROC curve`);
  }
  if (unscored > 0) lines.push(`${unscored.toLocaleString('en')} scores are not finite numbers and left out`);
  return lines;
}

function specification(
  predictions: Predictions,
  panels: readonly Panel[],
  text: { readonly title: string; readonly lines: readonly string[]; readonly largest: number },
): TopLevelSpec {
  const isBinary = predictions.classNames.length === 2;
  const views = panels.flatMap((panel, index) =>
    (['count', 'share'] as const).map((field) =>
      view(predictions, panel, field, {
        isLast: index === panels.length - 1,
        largest: text.largest,
      }),
    ),
  );
  return {
    title: { text: text.title, subtitle: text.lines },
    description: [text.title, ...text.lines].join('; '),
    data: { name: 'table' },
    concat: views,
    columns: 2,
    spacing: { row: isBinary ? 28 : 12, column: 36 },
    config: {
      ...chartConfiguration,
      legend: { ...chartConfiguration.legend, orient: 'top', title: null, columnPadding: 24, symbolOpacity: 0.6 },
    },
  } as unknown as TopLevelSpec;
}

/** Bars of both groups over each other, half transparent, and the threshold as a rule. */
function view(
  { classNames, threshold }: Predictions,
  panel: Panel,
  field: 'count' | 'share',
  place: { readonly isLast: boolean; readonly largest: number },
): object {
  const isBinary = classNames.length === 2;
  const height = isBinary ? 220 : 64;
  const own = quoted(isBinary ? panel.name : panel.groups[0]);
  const x = {
    field: 'from',
    type: 'quantitative',
    scale: { domain: [0, 1] },
    title: place.isLast ? 'score' : null,
    axis: { tickCount: 5, format: '.1f', grid: false, labels: place.isLast },
  };
  const bars = {
    transform: [
      { filter: `datum.class === ${quoted(panel.name)} && datum.count > 0` },
      {
        calculate: `datum.group === ${own} ? ${quoted(panel.groups[0])} : ${quoted(panel.groups[1])}`,
        as: 'shown',
      },
    ],
    encoding: {
      x2: { field: 'to' },
      y: {
        field,
        type: 'quantitative',
        stack: null,
        ...(field === 'count' ? countScale(place.largest, height) : shareScale(isBinary)),
      },
      color: {
        field: 'shown',
        type: 'nominal',
        scale: { domain: [panel.groups[1], panel.groups[0]], range: [colours.blue, colours.vermillion] },
      },
    },
    layer: [
      { mark: { type: 'bar', opacity: 0.4, binSpacing: 0 }, encoding: { x: { ...x, bin: 'binned' } } },
      // The upper edges keep their colours where bars lie over each other.
      { mark: { type: 'rule', strokeWidth: 2 }, encoding: { x } },
    ],
  };
  const rule = {
    data: { values: [{ threshold }] },
    mark: { type: 'rule', color: colours.ink, strokeDash: [4, 3], strokeWidth: 1.5 },
    encoding: { x: { field: 'threshold', type: 'quantitative' } },
  };
  return {
    // With two classes the title of the whole says it.
    ...(isBinary ? {} : { title: { text: field === 'count' ? panel.shown : '', fontSize: 11, offset: 4 } }),
    width: 320,
    height,
    layer: threshold === null ? [bars] : [bars, rule],
  };
}

function shareScale(isBinary: boolean): object {
  return {
    title: 'share',
    scale: { domainMin: 0, nice: true },
    axis: { tickCount: isBinary ? 4 : 2, format: '.0%' },
  };
}

/** Labels of an axis nearer to each other than so many pixels touch. */
const labelHeight = 12;

/** Like a logarithm above 1, and straight from 0 to 1. */
function countScale(largest: number, height: number): object {
  const top = Math.max(1, largest);
  const values = [0];
  for (let power = 1; power <= top; power *= 10) values.push(power);
  // Without the largest count nobody could tell how high bars are that end above the last power.
  const pixelsAbove = height * (1 - Math.log1p(values.at(-1) as number) / Math.log1p(top));
  if (pixelsAbove >= labelHeight) values.push(top);
  return {
    title: 'count',
    scale: { type: 'symlog', constant: 1, domain: [0, top], nice: false },
    axis: { values, format: ',d' },
  };
}
