import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { atomicWriteFile } from '../../../src/util/atomic-write-file.ts';
import type { Table } from '../prediction-files.ts';
import type { ThresholdRow } from '../tasks/task.ts';
import { escapeMarkup } from '../text.ts';
import {
  type Cell,
  countText,
  definitions,
  element,
  fileLink,
  inlineSvg,
  isWidePicture,
  numberText,
  table,
} from './html.ts';
import { pictureSections } from './pictures.ts';
import { style } from './style.ts';

/** Everything the report says; texts as they are, not escaped. */
export interface ReportContent {
  /** The run's name or id. */
  readonly title: string;
  /** What the run is: ids, image, data, device. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly isSynthetic: boolean;
  /** What happened to a training that diverged; null for one that did not. */
  readonly divergence: string | null;
  /** What stands out, the gravest first. */
  readonly remarks: readonly string[];
  readonly testSamples: number;
  /** The values of the epoch whose weights the model has, those of validation under `val_`, those of the test under `test_`. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  /** Rows of the section on thresholds; none but with two classes. */
  readonly thresholds: readonly ThresholdRow[];
  /** Null where the data has no classes. */
  readonly perClass: Table | null;
  /** Test samples that the table `predictions` does not hold. */
  readonly rowsLeftOut: number;
  readonly modelSummary: string;
  /** As in `environment.json`. */
  readonly environment: object;
  /** Files beside the report, by path. */
  readonly files: readonly string[];
}

/**
 * Writes `report.html`: one page that needs nothing else, with the pictures of `<directory>/plots`.
 *
 * @returns the file's path.
 */
export async function writeReport(directory: string, content: ReportContent): Promise<string> {
  const names = pictureSections.flatMap(({ pictures }) => pictures.map(({ name }) => name));
  const pictures = new Map<string, string>();
  for (const name of names) {
    const svg = await readFile(join(directory, 'plots', `${name}.svg`), 'utf8').catch(() => null);
    if (svg !== null) pictures.set(name, svg);
  }
  const file = join(directory, 'report.html');
  await atomicWriteFile(file, reportHtml(content, pictures));
  return file;
}

/** The page; `pictures` are SVG texts by name. */
export function reportHtml(content: ReportContent, pictures: ReadonlyMap<string, string>): string {
  const sections = [header(content), ...pictureParts(content, pictures), ...lastParts(content)];
  return [
    '<!DOCTYPE html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeMarkup(content.title)}</title>`,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    ...sections,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function header(content: ReportContent): string {
  const { title, facts, isSynthetic, divergence, remarks } = content;
  return [
    `<h1><bdi>${escapeMarkup(title)}</bdi></h1>`,
    ...(isSynthetic ? [element('p', 'Synthetic data: the numbers say nothing about real ones.', 'faint')] : []),
    ...(divergence === null ? [] : [element('p', divergence, 'warning')]),
    element('p', verdict(content), 'verdict'),
    ...(remarks.length === 0 ? [] : [`<ul>${remarks.map((remark) => element('li', remark)).join('')}</ul>`]),
    definitions(facts),
    element('h2', 'Metrics of the best epoch, and of the test'),
    metricsTable(content.metrics),
  ].join('\n');
}

function verdict({ metrics, testSamples }: ReportContent): string {
  const shown = ['accuracy', 'auc', 'f1', 'loss', 'mse', 'mae'].flatMap((key) => {
    const value = metrics[`test_${key}`];
    return value === undefined ? [] : [`${metricName(key)} ${numberText(value)}`];
  });
  return `Test on ${countText(testSamples)} ${testSamples === 1 ? 'sample' : 'samples'}: ${shown.join(', ')}`;
}

function metricName(key: string): string {
  return ['auc', 'f1', 'mse', 'mae'].includes(key) ? key.toUpperCase() : key.replaceAll('_', ' ');
}

function metricsTable(metrics: ReportContent['metrics']): string {
  const prefixes = ['', 'val_', 'test_'];
  const bare = (key: string) => key.replace(/^(val|test)_/, '');
  const measured = new Set(
    Object.keys(metrics)
      .filter((key) => key !== bare(key))
      .map(bare),
  );
  const rows = [...measured].map((key): Cell[] => [
    metricName(key),
    ...prefixes.map((prefix) => metrics[`${prefix}${key}`] ?? null),
  ]);
  return table(['', 'training', 'validation', 'test'], rows);
}

function pictureParts(content: ReportContent, pictures: ReadonlyMap<string, string>): string[] {
  return pictureSections.flatMap(({ title, pictures: wanted }) => {
    const figures = wanted.flatMap(({ name, caption }) => {
      const svg = pictures.get(name);
      return svg === undefined ? [] : [figure(name, caption, svg, content.files)];
    });
    const further = title === 'Test' ? testParts(content) : title === 'Network' ? networkParts(content) : [];
    if (figures.length === 0 && further.length === 0) return [];
    const shown = figures.length === 0 ? [] : [`<div class="figures">\n${figures.join('\n')}\n</div>`];
    return [element('h2', title), ...shown, ...further];
  });
}

function figure(name: string, caption: string, svg: string, files: readonly string[]): string {
  const links = files.filter((path) => path.startsWith(`plots/${name}.`)).map(fileLink);
  return [
    `<figure id="${name}">`,
    `<div class="picture${isWidePicture(svg) ? ' wide' : ''}">${inlineSvg(svg, name)}</div>`,
    `<figcaption>${escapeMarkup(caption)}${links.length === 0 ? '' : `<br>${links.join(' · ')}`}</figcaption>`,
    '</figure>',
  ].join('\n');
}

function testParts({ perClass, thresholds, rowsLeftOut }: ReportContent): string[] {
  const rows = thresholds.map(({ chosen, effect }): Cell[] => [
    chosen,
    effect.threshold,
    effect.precision,
    effect.recall,
    effect.f1,
    effect.falsePositiveRate,
  ]);
  const header = ['threshold', 'value', 'test precision', 'test recall', 'test F1', 'test false positive rate'];
  return [
    ...(perClass === null
      ? []
      : [
          element('h3', 'Classes'),
          table(perClass.columns.map(metricName), perClass.data as readonly (readonly Cell[])[]),
        ]),
    ...(rows.length === 0
      ? []
      : [
          element('h3', 'Thresholds'),
          table(header, rows),
          element(
            'p',
            'The best threshold is chosen on the validation samples: chosen on the test samples, it would make the test say too much.',
            'faint',
          ),
        ]),
    ...(rowsLeftOut === 0
      ? []
      : [
          element(
            'p',
            `The table predictions.json holds the predictions with the highest loss; ${countText(rowsLeftOut)} more are in predictions.csv alone.`,
            'faint',
          ),
        ]),
  ];
}

function networkParts({ modelSummary }: ReportContent): string[] {
  return [element('h3', 'Layers'), element('pre', modelSummary.trimEnd())];
}

function lastParts({ parameters, environment, files }: ReportContent): string[] {
  // The name of a run is its title.
  const given = Object.entries(parameters).filter(([key]) => key !== 'run_name');
  return [
    element('h2', 'Parameters'),
    `<div class="columns">${definitions(given.map(([key, value]) => [key, String(value)] as const))}</div>`,
    element('h2', 'Environment'),
    `<div class="columns">${definitions(flattened(environment))}</div>`,
    element('h2', 'Files'),
    `<ul class="columns">${files.map((path) => `<li>${fileLink(path)}</li>`).join('\n')}</ul>`,
  ];
}

/** Nested values as `outer.inner`. */
function flattened(value: object, prefix = ''): (readonly [string, string])[] {
  return Object.entries(value).flatMap(([key, inner]) => {
    const name = `${prefix}${key.replaceAll('_', ' ')}`;
    if (inner === null || inner === undefined) return [[name, 'none'] as const];
    if (Array.isArray(inner)) return [[name, inner.join(', ')] as const];
    if (typeof inner === 'object') return flattened(inner, `${name}: `);
    if (typeof inner === 'number' && name.endsWith(' bytes')) {
      return [[name.slice(0, -' bytes'.length), `${(inner / 2 ** 30).toFixed(1)} GiB`] as const];
    }
    return [[name, String(inner)] as const];
  });
}
