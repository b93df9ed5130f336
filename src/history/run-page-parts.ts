import type { Look } from '../report/look.ts';
import { inReadingOrder } from '../report/metric-names.ts';
import type { Paint } from '../report/paint.ts';
import { tableLines } from '../report/table.ts';
import { textWidth, wrap } from '../report/text-width.ts';
import { formatBytes } from '../util/format.ts';
import { formatMetric } from '../util/format-metric.ts';
import { describesModel } from '../util/primary-metric.ts';
import type { DetailedArtifact, RunDetails } from './run-details.ts';

/** Metrics of the machine may be many. */
const mostMetrics = 30;
const mostArtifactLines = 20;

/** Parameters that were chosen, one a line; those that are as they are by default, or the program's own, packed below. */
export function parameterLines(details: RunDetails, look: Look, columns: number): string[] {
  const { run, defaultParameters, programParameters } = details;
  const kindOf = (key: string): 'default' | 'program' | 'chosen' => {
    if (defaultParameters?.includes(key) === true) return 'default';
    return programParameters.includes(key) ? 'program' : 'chosen';
  };
  const keys = Object.keys(run.parameters);
  const chosen = keys.filter((key) => kindOf(key) === 'chosen');
  const widest = Math.floor(columns / 3);
  const width = Math.max(0, ...chosen.map(textWidth).filter((each) => each <= widest));
  const packed = (title: string, kind: 'default' | 'program'): string[] => {
    const pairs = keys.filter((key) => kindOf(key) === kind).map((key) => `${key}=${run.parameters[key]}`);
    return pairs.length === 0 ? [] : wrap(`${title}: ${pairs.join(', ')}`, columns).map(look.paint.faint);
  };
  return [
    ...chosen.flatMap((key) => pairLines(key, run.parameters[key] ?? '', width, look)),
    ...packed('by default', 'default'),
    ...packed('recorded by the program', 'program'),
  ];
}

/** A name and its value beside it; below it, where the name is wider than those of the others. */
function pairLines(name: string, value: string, width: number, { columns, paint }: Look): string[] {
  const indent = width + 2;
  // A value that is more than words is shown as it is: to break it would change it.
  const values = (/\s{2}/.test(value) ? [value] : wrap(value, columns - indent)).map(paint.strong);
  if (textWidth(name) > width) return [name, ...values.map((line) => `${' '.repeat(indent)}${line}`)];
  return values.map((line, index) => {
    const shown = index === 0 ? name : '';
    return `${shown}${' '.repeat(indent - textWidth(shown))}${line}`;
  });
}

/** Each metric with its last and its best value and where that was; those that say nothing of the model come last. */
export function metricTable({ metrics }: RunDetails, look: Look, stepWord: string): string[] {
  const keys = inReadingOrder(Object.keys(metrics));
  const ordered = [...keys.filter(describesModel), ...keys.filter((key) => !describesModel(key))];
  if (ordered.length === 0) return [];
  const lines = tableLines(
    [
      { title: '', minimum: 12 },
      { title: 'last', align: 'right' },
      { title: 'best', align: 'right', rank: 1 },
      { title: stepWord, align: 'right', rank: 2 },
    ],
    ordered.slice(0, mostMetrics).map((key) => {
      const { last, best, bestStep } = metrics[key]!;
      const isSaid = best !== null && describesModel(key);
      return [
        key,
        formatMetric(key, last),
        isSaid ? { text: formatMetric(key, best), paint: look.paint.good } : '',
        isSaid && bestStep !== null ? String(bestStep) : '',
      ];
    }),
    look,
  );
  const left = ordered.length - mostMetrics;
  return left > 0 ? [...lines, look.paint.faint(`… and ${left} more`)] : lines;
}

/** The files at the top, and each folder with how much is in it. */
export function artifactLines(details: RunDetails, paint: Paint, columns: number): string[] {
  const { artifacts, hasMoreArtifacts, artifactsProblem } = details;
  const top = artifacts.filter(({ path }) => !path.includes('/'));
  const lines = top.slice(0, mostArtifactLines).map(({ path, isDirectory, byteLength }) => {
    const size = isDirectory ? folderText(path, artifacts, hasMoreArtifacts) : formatBytes(byteLength ?? 0);
    return `${path}${isDirectory ? '/' : ''}  ${paint.faint(size)}`;
  });
  const left = top.length - lines.length;
  const what = artifacts.length === 0 ? 'they could not be listed:' : 'not all of them could be listed:';
  return [
    ...lines,
    ...(left > 0 ? [paint.faint(`… and ${left} more`)] : []),
    ...(artifactsProblem === null ? [] : wrap(`! ${what} ${artifactsProblem}`, columns).map(paint.warning)),
  ];
}

/** `27 files, 1.2 MB`; with `or more` where not all of them are known. */
function folderText(folder: string, artifacts: readonly DetailedArtifact[], hasMore: boolean): string {
  const files = artifacts.filter(
    // The second of two files of one picture is there for MLflow's UI alone.
    ({ path, isDirectory }) => !isDirectory && path.startsWith(`${folder}/`) && !path.endsWith('+compressed.webp'),
  );
  const bytes = files.reduce((sum, { byteLength }) => sum + (byteLength ?? 0), 0);
  const text = `${files.length} ${files.length === 1 ? 'file' : 'files'}`;
  return hasMore ? `${text} or more` : `${text}, ${formatBytes(bytes)}`;
}

/** `malaria version 3 (@champion)`, each with its page. */
export function modelLines({ models }: RunDetails, look: Look): string[] {
  return models.flatMap(({ name, version, aliases, modelId, url }) => {
    const alias = aliases.length === 0 ? '' : ` (${aliases.map((each) => `@${each}`).join(', ')})`;
    const text = name === null ? `${modelId}, not registered` : `${name} version ${version}${alias}`;
    return look.hasLinks ? [look.link(text, url)] : [text, look.paint.accent(url)];
  });
}
