import type { Look } from '../report/look.ts';
import { inReadingOrder } from '../report/metric-names.ts';
import type { Paint } from '../report/paint.ts';
import { tableLines } from '../report/table.ts';
import { wrap } from '../report/text-width.ts';
import { formatBytes } from '../util/format.ts';
import { formatMetric } from '../util/format-metric.ts';
import { describesModel } from '../util/primary-metric.ts';
import type { RunDetails } from './run-details.ts';

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
  const width = Math.max(0, ...chosen.map((key) => key.length));
  const packed = (title: string, kind: 'default' | 'program'): string[] => {
    const pairs = keys.filter((key) => kindOf(key) === kind).map((key) => `${key}=${run.parameters[key]}`);
    return pairs.length === 0 ? [] : wrap(`${title}: ${pairs.join(', ')}`, columns).map(look.paint.faint);
  };
  return [
    ...chosen.map((key) => `${key.padEnd(width)}  ${look.paint.strong(run.parameters[key] ?? '')}`),
    ...packed('by default', 'default'),
    ...packed('recorded by the program', 'program'),
  ];
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

/** The artifacts as a tree: folders with what is in them, two columns further in. */
export function artifactLines({ artifacts, hasMoreArtifacts }: RunDetails, paint: Paint): string[] {
  // The second of two files of one picture is there for MLflow's UI alone.
  const shown = artifacts.filter(({ path }) => !path.endsWith('+compressed.webp'));
  const lines = shown.slice(0, mostArtifactLines).map(({ path, isDirectory, byteLength }) => {
    const segments = path.split('/');
    const name = `${'  '.repeat(segments.length - 1)}${pictureName(segments.at(-1) ?? '')}`;
    return isDirectory ? `${name}/` : `${name}  ${paint.faint(formatBytes(byteLength ?? 0))}`;
  });
  const left = shown.length - lines.length;
  if (hasMoreArtifacts) return [...lines, paint.faint(left > 0 ? `… and more than ${left} more` : '… and more')];
  return left > 0 ? [...lines, paint.faint(`… and ${left} more`)] : lines;
}

/** A picture of `log_image` by its key and step, as MLflow shows it; any other name as it is. */
function pictureName(name: string): string {
  const [, key, step] = /^(.+)\+step\+(-?\d+)\+timestamp\+\d+\+/.exec(name) ?? [];
  return key === undefined ? name : `${key}, step ${step}`;
}

/** `malaria version 3 (@champion)`, each with its page. */
export function modelLines({ models }: RunDetails, look: Look): string[] {
  return models.flatMap(({ name, version, aliases, modelId, url }) => {
    const alias = aliases.length === 0 ? '' : ` (${aliases.map((each) => `@${each}`).join(', ')})`;
    const text = name === null ? `${modelId}, not registered` : `${name} version ${version}${alias}`;
    return look.hasLinks ? [look.link(text, url)] : [text, look.paint.accent(url)];
  });
}
