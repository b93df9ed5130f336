import { formatDuration } from '../util/format.ts';
import { formatMetric } from '../util/format-metric.ts';
import type { StepNames } from './metric-line.ts';
import { byImportance, inReadingOrder } from './metric-names.ts';
import type { MetricRow } from './metric-rows.ts';
import type { Paint } from './paint.ts';

const gap = '  ';
/** Room for `-0.1234` and `1.23e-5`: values of most metrics never need more. */
const valueWidth = 7;
const timeWidth = 6;
/** After so many rows, or lines of whatever kind, the titles have scrolled out of sight of someone who scrolls up. */
const rowsPerTitle = 20;
const linesPerTitle = 40;

/** Which columns the table has at this moment, and what for. */
interface Layout {
  readonly columns: number;
  readonly word: string;
  readonly total: number | undefined;
  readonly labelWidth: number;
  /** All metrics there have been, shown or not. */
  readonly known: ReadonlySet<string>;
  readonly shown: readonly string[];
  /** Whether any row has told how long it took, and whether there is room to show it. */
  readonly isTimed: boolean;
  readonly hasTime: boolean;
}

/**
 * The rows of a terminal's metrics as a table: one row an epoch, the most telling metrics that fit, and a line of titles
 * above that comes again when the columns change or have gone out of sight.
 */
export class MetricTable {
  readonly #paint: Paint;
  #layout: Layout | undefined;
  #rows = 0;
  #lines = 0;

  constructor(paint: Paint) {
    this.#paint = paint;
  }

  /** Something else was written below the titles. */
  addLines(count: number): void {
    this.#lines += count;
  }

  /** The lines that show a row: the row itself, below titles where they are due. */
  rows(row: MetricRow, names: StepNames, columns: number): string[] {
    const before = this.#layout;
    const layout = this.#layoutFor(row, names, columns);
    this.#layout = layout;
    const isDue = layout !== before || this.#rows >= rowsPerTitle || this.#lines >= linesPerTitle;
    if (isDue) this.#rows = this.#lines = 0;
    this.#rows += 1;
    this.#lines += 1;
    return isDue ? [this.#titles(layout), this.#row(layout, row)] : [this.#row(layout, row)];
  }

  #layoutFor(row: MetricRow, { word, total }: StepNames, columns: number): Layout {
    const before = this.#layout;
    const labelWidth = Math.max(word.length, stepText(row.step, total).length);
    const isSame =
      before?.columns === columns &&
      before.word === word &&
      before.total === total &&
      before.labelWidth >= labelWidth &&
      (before.isTimed || row.durationMs === undefined) &&
      [...row.values.keys()].every((key) => before.known.has(key));
    if (isSame) return before;
    const known = new Set([...(before?.known ?? []), ...row.values.keys()]);
    const isTimed = before?.isTimed === true || row.durationMs !== undefined;
    const shown = new Set<string>();
    let room = columns - labelWidth;
    for (const key of byImportance([...known])) {
      const width = gap.length + columnWidth(key);
      // After a telling one that does not fit, a lesser one that does would be there by chance.
      if (width > room && shown.size > 0) break;
      if (width > room) continue;
      room -= width;
      shown.add(key);
    }
    // The time is the first thing a narrow terminal goes without.
    const hasTime = isTimed && room >= gap.length + timeWidth;
    return { columns, word, total, labelWidth, known, shown: inReadingOrder([...shown]), isTimed, hasTime };
  }

  #titles({ word, labelWidth, shown, hasTime }: Layout): string {
    const titles = shown.map((key) => key.padStart(columnWidth(key)));
    const time = hasTime ? ['time'.padStart(timeWidth)] : [];
    return this.#paint.faint([word.padStart(labelWidth), ...titles, ...time].join(gap));
  }

  #row({ total, labelWidth, shown, hasTime }: Layout, { step, values, durationMs }: MetricRow): string {
    const label = this.#paint.strong(stepText(step, total).padStart(labelWidth));
    const cells = shown.map((key) => {
      const value = values.get(key);
      return (value === undefined ? '' : formatMetric(key, value)).padStart(columnWidth(key));
    });
    const time = hasTime && durationMs !== undefined ? formatDuration(durationMs).padStart(timeWidth) : '';
    return [label, ...cells, this.#paint.faint(time)].join(gap).trimEnd();
  }
}

function stepText(step: number, total: number | undefined): string {
  return total === undefined ? String(step) : `${step}/${total}`;
}

function columnWidth(key: string): number {
  return Math.max(key.length, valueWidth);
}
