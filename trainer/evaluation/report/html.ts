import { escapeMarkup } from '../text.ts';

/** A cell of a table; numbers stand to the right, null is empty. */
export type Cell = string | number | null;

/** A paragraph, heading or other element around escaped text. */
export function element(tag: string, text: string, className = ''): string {
  const attribute = className === '' ? '' : ` class="${className}"`;
  return `<${tag}${attribute}>${escapeMarkup(text)}</${tag}>`;
}

/** A table of so many columns is wider than a phone. */
const wideColumns = 5;

/** A table; text of unknown direction is kept apart from what is beside it. */
export function table(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const columns = header.map((title, column) =>
    columnOf(
      title,
      rows.map((row) => row[column] ?? null),
    ),
  );
  const head = columns.map(({ title, isNumeric }) => element('th', title, isNumeric ? 'number' : '')).join('');
  const body = rows.map(
    (row) => `<tr>${columns.map((column, place) => cell(row[place] ?? null, column)).join('')}</tr>`,
  );
  const isWide = header.length >= wideColumns;
  return `<div class="scroll${isWide ? ' wide' : ''}"><table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body.join('\n')}\n</tbody>\n</table></div>`;
}

interface Column {
  readonly title: string;
  readonly isNumeric: boolean;
  /** Whether all its numbers are whole: counts. */
  readonly isWhole: boolean;
}

const countTitles = /support|samples/;
/** Shares, which are shown with their digits, are not larger than this, be they whole or not. */
const highestShare = 1;

function isWholeNumber(value: Cell): boolean {
  return typeof value !== 'number' || Number.isInteger(value);
}

function columnOf(title: string, cells: readonly Cell[]): Column {
  return {
    title,
    isNumeric: cells.every((value) => typeof value !== 'string'),
    isWhole:
      countTitles.test(title) || (cells.every(isWholeNumber) && cells.some((value) => Number(value) > highestShare)),
  };
}

function cell(value: Cell, { isWhole }: Column): string {
  if (value === null) return '<td></td>';
  if (typeof value === 'number') return `<td class="number">${isWhole ? countText(value) : numberText(value)}</td>`;
  return `<td><bdi>${escapeMarkup(value)}</bdi></td>`;
}

/** `12,345` */
export function countText(value: number): string {
  return value.toLocaleString('en');
}

/** A measure: four digits after the point, small ones with three that count. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return value !== 0 && Math.abs(value) < 0.001 ? value.toPrecision(3) : value.toFixed(4);
}

/** Names and values, one pair a line. */
export function definitions(pairs: readonly (readonly [name: string, value: string])[]): string {
  const lines = pairs.map(([name, value]) => `${element('dt', name)}<dd><bdi>${escapeMarkup(value)}</bdi></dd>`);
  return `<dl>\n${lines.join('\n')}\n</dl>`;
}

/**
 * A link to a file beside the report. It opens beside the page, too: where the page is shown in a frame, as MLflow shows
 * it, there is no such file, and the link would put an empty page in the report's place.
 */
export function fileLink(path: string): string {
  const address = path.split('/').map(encodeURIComponent).join('/');
  return `<a href="${escapeMarkup(address)}" target="_blank" rel="noopener">${escapeMarkup(path)}</a>`;
}

/** Pictures shrink to this share of their size before they are scrolled: smaller, their words could not be read. */
const smallest = 0.65;
/** What of a phone's width is left for a picture. */
const phoneWidth = 340;

/** Whether a picture has to be scrolled sideways on a phone. */
export function isWidePicture(svg: string): boolean {
  return widthOf(svg) * smallest > phoneWidth;
}

function widthOf(svg: string): number {
  return Number(/^<svg[^>]* width="([\d.]+)"/.exec(svg)?.[1] ?? 0);
}

/**
 * A picture's SVG as part of the page. Its ids are made its own: gradients and clippings of several pictures in one
 * page would take each other's.
 */
export function inlineSvg(svg: string, prefix: string): string {
  return svg
    .replace(/^<svg/, `<svg style="min-width: ${Math.round(widthOf(svg) * smallest)}px"`)
    .replace(/(?<= )id="([^"]*)"/g, `id="${prefix}-$1"`)
    .replace(/url\(#([^)]*)\)/g, `url(#${prefix}-$1)`);
}
