import type { RunResult } from '../events.ts';
import { formatDuration } from '../util/format.ts';
import { formatMetric } from '../util/format-metric.ts';
import { describesModel } from '../util/primary-metric.ts';
import { historyLines } from './history-lines.ts';
import type { Look } from './look.ts';
import { inReadingOrder, metricGroup } from './metric-names.ts';
import type { NextStep } from './next-step.ts';
import { reasonLines } from './reason-lines.ts';
import { textWidth } from './text-width.ts';

const maximumMetricsPerGroup = 5;
const groupWidth = 7;
/** Columns before the text of a line: two, and the label. */
const labelWidth = 10;
/** Where the width is not known, because the summary goes to a file. */
const fileColumns = 100;

export interface SummaryOptions {
  /** The look of the stream that the summary goes to. */
  readonly look: Look;
  /** Why it failed or was killed, as far as it has not just been told in the same place; null for nothing. */
  readonly reason: string | null;
  /** What the steps of the run are called: `epoch` or `step`. */
  readonly stepWord: string;
  readonly next: NextStep | null;
}

/** The end of a run as lines for a person. Addresses and commands are never cut. */
export function runSummary(result: RunResult, options: SummaryOptions): string[] {
  const { look, next } = options;
  const { paint } = look;
  const columns = Number.isFinite(look.columns) ? look.columns : fileColumns;
  const diverged = result.diverged ?? null;
  const color = colorOf(result, diverged !== null, paint);
  const lines = [`${color(paint.strong(result.status))} after ${formatDuration(result.durationMs)}`];
  const add = (label: string, ...values: readonly string[]) => {
    for (const [index, value] of values.entries()) {
      lines.push(`  ${paint.faint((index === 0 ? label : '').padEnd(labelWidth - 2))}${value}`);
    }
  };
  /** A text and its address: side by side where both fit, as one where the terminal knows hyperlinks. */
  const addLinked = (label: string, text: string, url: string | null | undefined) => {
    if (!url) add(label, text);
    else if (look.hasLinks) add(label, look.link(text, url));
    else if (text === '') add(label, paint.accent(url));
    else if (labelWidth + textWidth(`${text}  ${url}`) <= columns) add(label, `${text}  ${paint.accent(url)}`);
    else add(label, text, paint.accent(url));
  };

  const wrapped = (text: string): string[] =>
    reasonLines(text, columns - labelWidth).map((line) => paint.warning(line));
  if (diverged !== null) add('warning', paint.warning(`diverged in ${diverged}`));
  if (options.reason !== null) add('reason', ...reasonLines(options.reason, look.columns - labelWidth));
  add('metrics', ...metricLines(result.metrics, columns - labelWidth, look));
  if (result.primaryMetric !== null) {
    add('history', ...historyLines(result.primaryMetric, columns - labelWidth, look, options.stepWord));
  }
  addLinked('run', result.runName, result.url);
  addComparison(result, look, addLinked, add);
  for (const { name, version, url } of result.models) addLinked('model', `${name} version ${version}`, url);
  if (result.image !== null) add('image', result.image);
  add('files', result.runDirectory);
  const later = next === null ? `; see: \`slipway sync ${result.runId}\`` : '.';
  if (result.incomplete != null) add('warning', ...wrapped(`incomplete on the server: ${result.incomplete}`));
  if (result.deleted === true) add('note', 'The run was deleted on the server: nothing more is sent.');
  else if (!result.drained && result.mlflowRunId !== null)
    add('note', `Not everything has reached the server yet${later}`);
  // A program that never ran has left nothing to send.
  else if (result.mlflowRunId === null && result.exitCode !== null) {
    add('note', `No tracking server has this run yet${later}`);
  }
  if (next !== null) {
    const purpose = `# ${next.purpose}`;
    const fits = labelWidth + textWidth(`${next.command}  ${purpose}`) <= columns;
    if (fits) add('next', `${next.command}  ${paint.faint(purpose)}`);
    else add('next', paint.faint(purpose), next.command);
  }
  return lines;
}

function colorOf({ status }: RunResult, hasDiverged: boolean, paint: Look['paint']): (text: string) => string {
  if (status === 'FAILED') return paint.bad;
  return status === 'KILLED' || hasDiverged ? paint.warning : paint.good;
}

/** The pages beside the run's own: short where the terminal knows hyperlinks. */
function addComparison(
  { runsUrl, chartsUrl }: RunResult,
  look: Look,
  addLinked: (label: string, text: string, url: string) => void,
  add: (label: string, value: string) => void,
): void {
  if (runsUrl === null || chartsUrl === null) return;
  if (look.hasLinks) {
    add('compare', `${look.link('table of runs', runsUrl)} · ${look.link('charts', chartsUrl)}`);
    return;
  }
  addLinked('table', '', runsUrl);
  addLinked('charts', '', chartsUrl);
}

/** What a group's metrics are called by in the summary, and the prefix that says the same. */
const groups = [
  { group: 'test', label: 'test', prefix: 'test_' },
  { group: 'validation', label: 'val', prefix: 'val_' },
  { group: 'training', label: 'train', prefix: '' },
] as const;

/** Test, validation and training metrics, a line each, in that order: the most honest ones first. */
function metricLines(metrics: Readonly<Record<string, number>>, columns: number, { paint }: Look): string[] {
  const keys = inReadingOrder(Object.keys(metrics).filter(describesModel));
  const shown = groups
    .map((group) => ({ ...group, keys: keys.filter((key) => metricGroup(key) === group.group) }))
    .filter((group) => group.keys.length > 0);
  // A program that knows no such groups has but one, without a prefix: it needs no label.
  const isLabelled = shown.some(({ prefix }) => prefix !== '');
  return shown.flatMap(({ label, prefix, keys: ofGroup }) => {
    const indent = isLabelled ? groupWidth : 0;
    const pairs = ofGroup
      .slice(0, maximumMetricsPerGroup)
      .map((key) => `${paint.faint(key.slice(prefix.length))} ${formatMetric(key, metrics[key]!)}`);
    return packLines(pairs, columns - indent).map(
      (line, index) => `${(isLabelled && index === 0 ? label : '').padEnd(indent)}${line}`,
    );
  });
}

/** The texts side by side, as many a line as fit. */
function packLines(texts: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const text of texts) {
    if (line !== '' && textWidth(line) + 2 + textWidth(text) > columns) {
      lines.push(line);
      line = '';
    }
    line += `${line === '' ? '' : '  '}${text}`;
  }
  return line === '' ? lines : [...lines, line];
}
