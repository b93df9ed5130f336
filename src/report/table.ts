import type { Look } from './look.ts';
import { printable, textWidth, truncate } from './text-width.ts';

/** A column of a table for people. */
export interface TableColumn {
  readonly title: string;
  /** Numbers stand to the right; texts, the default, to the left. */
  readonly align?: 'left' | 'right';
  /** The least width the column may be cut to where space is short; without it the column is never cut. */
  readonly minimum?: number;
  /** Where cutting does not suffice, columns go: those of the highest rank first. Rank 0, the default, always stays. */
  readonly rank?: number;
}

/** A cell: its text, which is cut to fit, and what is done to it afterwards. */
export type TableCell = string | { readonly text: string; readonly paint?: (text: string) => string };

const gap = 2;

/**
 * A table as lines: titles, then rows, aligned, no wider than the look's columns. Where it does not fit, the widest of
 * the columns that may be cut are cut first, then columns of a high rank are left out. Texts are made safe to show.
 */
export function tableLines(
  columns: readonly TableColumn[],
  rows: readonly (readonly TableCell[])[],
  look: Look,
): string[] {
  const texts = rows.map((row) => columns.map((_, index) => printable(textOf(row[index]))));
  const titles = columns.map(({ title }) => printable(title));
  const natural = titles.map((title, index) =>
    Math.max(textWidth(title), ...texts.map((row) => textWidth(row[index] ?? ''))),
  );
  const { shown, widths } = fitColumns(columns, natural, look.columns);
  const line = (cells: readonly string[], paintOf: (index: number) => (text: string) => string): string =>
    shown
      .map((index, position) => {
        const width = widths[index] ?? 0;
        const text = truncate(cells[index] ?? '', width);
        const padding = ' '.repeat(Math.max(0, width - textWidth(text)));
        const painted = text === '' ? '' : paintOf(index)(text);
        if (columns[index]?.align === 'right') return `${padding}${painted}`;
        return position === shown.length - 1 ? painted : `${painted}${padding}`;
      })
      .join(' '.repeat(gap))
      .trimEnd();
  return [
    line(titles, () => look.paint.faint),
    ...texts.map((cells, row) => line(cells, (index) => paintOfCell(rows[row]?.[index]))),
  ];
}

function textOf(cell: TableCell | undefined): string {
  return cell === undefined ? '' : typeof cell === 'string' ? cell : cell.text;
}

function paintOfCell(cell: TableCell | undefined): (text: string) => string {
  return (typeof cell === 'object' ? cell.paint : undefined) ?? ((text) => text);
}

/** Which columns are shown, and how wide each is. */
function fitColumns(
  columns: readonly TableColumn[],
  natural: readonly number[],
  available: number,
): { readonly shown: readonly number[]; readonly widths: readonly number[] } {
  let shown = columns.map((_, index) => index);
  for (;;) {
    const widths = shrink(columns, natural, shown, available);
    if (total(widths, shown) <= available) return { shown, widths };
    const highest = Math.max(...shown.map((index) => columns[index]?.rank ?? 0));
    // What always stays is cut by the terminal itself: better than nothing.
    if (highest === 0) return { shown, widths };
    const dropped = shown.findLastIndex((index) => (columns[index]?.rank ?? 0) === highest);
    shown = shown.filter((_, position) => position !== dropped);
  }
}

/** Takes columns from the widest column that may be cut, until all fit or none can give more. */
function shrink(
  columns: readonly TableColumn[],
  natural: readonly number[],
  shown: readonly number[],
  available: number,
): number[] {
  const widths = [...natural];
  while (total(widths, shown) > available) {
    let widest = -1;
    for (const index of shown) {
      const { minimum } = columns[index] as TableColumn;
      if (minimum === undefined || (widths[index] as number) <= minimum) continue;
      if (widest < 0 || (widths[index] as number) > (widths[widest] as number)) widest = index;
    }
    if (widest < 0) return widths;
    widths[widest] = (widths[widest] as number) - 1;
  }
  return widths;
}

function total(widths: readonly number[], shown: readonly number[]): number {
  return shown.reduce((sum, index) => sum + (widths[index] as number), gap * Math.max(0, shown.length - 1));
}
