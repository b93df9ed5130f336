import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TopLevelSpec } from 'vega-lite';
import { atomicWriteFile } from '../../../src/util/atomic-write-file.ts';
import { textWidth } from '../text-width.ts';

/** A picture: a Vega-Lite specification and the data it draws. */
export interface Chart {
  /** File name without its end. */
  readonly name: string;
  readonly format: 'csv' | 'json';
  /** The data file's text. */
  readonly data: string;
  /** Columns of a CSV file that hold numbers; the others are texts, whatever they look like. */
  readonly numbers?: readonly string[];
  /** Draws the data file, as its root `data`; null where there is nothing to draw. */
  readonly specification: TopLevelSpec | null;
}

/**
 * Writes `<name>.csv` or `.json`, `<name>.vl.json` (which reads the data beside it) and `<name>.svg`. Each file is whole
 * at every moment, also when it is written again.
 *
 * @returns the files' paths.
 */
export async function writeChart(directory: string, chart: Chart): Promise<string[]> {
  await mkdir(directory, { recursive: true });
  const file = (end: string) => join(directory, `${chart.name}.${end}`);
  await atomicWriteFile(file(chart.format), chart.data);
  if (chart.specification === null) return [file(chart.format)];
  const data = { url: `${chart.name}.${chart.format}`, format: dataFormat(chart) };
  const document = { $schema: 'https://vega.github.io/schema/vega-lite/v6.json', ...chart.specification, data };
  await atomicWriteFile(file('vl.json'), `${JSON.stringify(document, null, 2)}\n`);
  await atomicWriteFile(file('svg'), await renderSvg(chart));
  return [chart.format, 'vl.json', 'svg'].map(file);
}

/** The picture alone. It is drawn from the text of the data file, so that the specification beside it draws the same. */
export async function renderSvg(chart: Chart): Promise<string> {
  // Imported late: together they take most of a second to load.
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  // Without a canvas Vega takes every character for 0.8 of its height, which spreads legends and titles apart.
  const metrics = (vega as unknown as { textMetrics: TextMetrics }).textMetrics;
  metrics.width = (item, text) => textWidth(String(text ?? item.text ?? ''), item.fontSize ?? 11);
  // Gradients are counted over the whole process: counted anew, equal pictures are equal files.
  vega.resetSVGDefIds();
  const inline = { ...chart.specification, data: { values: chart.data, format: dataFormat(chart) } } as TopLevelSpec;
  const { spec } = vegaLite.compile(inline, { logger: silentLogger });
  const view = new vega.View(vega.parse(spec), { renderer: 'none', logger: silentLogger });
  try {
    return shortNumbers(await view.toSVG());
  } finally {
    view.finalize();
  }
}

function dataFormat({ format, numbers = [] }: Chart): object {
  if (format === 'json') return { type: 'json' };
  return { type: 'csv', parse: Object.fromEntries(numbers.map((column) => [column, 'number'])) };
}

/** Coordinates to a hundredth of a pixel: half the size of a long line, and the same picture. */
function shortNumbers(svg: string): string {
  return svg.replace(/ (d|transform)="([^"]*)"/g, (_, name: string, value: string) => {
    const rounded = value.replace(/-?\d+\.\d{3,}(e-?\d+)?/g, (number) => String(Number(Number(number).toFixed(2))));
    return ` ${name}="${rounded}"`;
  });
}

interface TextMetrics {
  width: (item: { readonly fontSize?: number; readonly text?: unknown }, text?: unknown) => number;
}

/** Vega's warnings go to the console, which is not ours; what it makes is checked by tests. */
const silentLogger = {
  level: () => silentLogger,
  error: () => silentLogger,
  warn: () => silentLogger,
  info: () => silentLogger,
  debug: () => silentLogger,
} as never;
