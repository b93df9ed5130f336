import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TopLevelSpec } from 'vega-lite';
import { textWidth } from './text-width.ts';

/** A picture: a Vega-Lite specification and the table it draws. */
export interface Chart {
  /** File name without its end. */
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  /** Draws `data: {name: 'table'}`; null where there is nothing to draw. */
  readonly specification: TopLevelSpec | null;
}

/** Colours that people with any colour vision can tell apart (Okabe and Ito, 2008). */
export const colours = { blue: '#0072B2', vermillion: '#D55E00', ink: '#222222', grid: '#E3E3E3' } as const;

/** One look for all charts. */
export const chartConfiguration = {
  background: '#FFFFFF',
  padding: 16,
  font: 'Helvetica, Arial, sans-serif',
  title: {
    anchor: 'start',
    fontSize: 16,
    subtitleFontSize: 12,
    subtitleColor: '#555555',
    offset: 12,
    color: colours.ink,
  },
  axis: {
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: 'normal',
    titleColor: colours.ink,
    labelColor: '#555555',
    gridColor: colours.grid,
    domainColor: '#888888',
    tickColor: '#888888',
    titlePadding: 8,
  },
  view: { stroke: null },
} as const;

/**
 * Writes `<name>.csv`, `<name>.vl.json` (which reads the CSV beside it) and `<name>.svg`.
 *
 * @returns the files' paths.
 */
export async function writeChart(directory: string, chart: Chart): Promise<string[]> {
  const file = (end: string) => join(directory, `${chart.name}${end}`);
  await writeFile(file('.csv'), toCsv([chart.columns, ...chart.rows]));
  if (chart.specification === null) return [file('.csv')];
  const csv = { url: `${chart.name}.csv`, format: { type: 'csv' } };
  const document = { $schema: 'https://vega.github.io/schema/vega-lite/v6.json', ...chart.specification, data: csv };
  await writeFile(file('.vl.json'), `${JSON.stringify(document, null, 2)}\n`);
  await writeFile(file('.svg'), await renderSvg(chart));
  return ['.csv', '.vl.json', '.svg'].map(file);
}

async function renderSvg({ columns, rows, specification }: Chart): Promise<string> {
  // Imported late: together they take most of a second to load.
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  // Without a canvas Vega takes every character for 0.8 of its height, which spreads legends and titles apart.
  const metrics = (vega as unknown as { textMetrics: TextMetrics }).textMetrics;
  metrics.width = (item, text) => textWidth(String(text ?? item.text ?? ''), item.fontSize ?? 11);
  const values = rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]])));
  const { spec } = vegaLite.compile(
    { ...(specification as TopLevelSpec), data: { name: 'table', values } } as TopLevelSpec,
    {
      logger: silentLogger,
    },
  );
  const view = new vega.View(vega.parse(spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

interface TextMetrics {
  width: (item: { readonly fontSize?: number; readonly text?: unknown }, text?: unknown) => number;
}

/** Vega-Lite's warnings go to the console, which is not ours; what it makes is checked by tests. */
const silentLogger = {
  level: () => silentLogger,
  error: () => silentLogger,
  warn: () => silentLogger,
  info: () => silentLogger,
  debug: () => silentLogger,
} as never;

/** RFC 4180. */
export function toCsv(rows: readonly (readonly (string | number)[])[]): string {
  const cell = (value: string | number) => {
    const text = String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return `${rows.map((row) => row.map(cell).join(',')).join('\n')}\n`;
}
