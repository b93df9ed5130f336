import type { RunResult } from '../events.ts';
import { formatDuration, formatNumber } from '../util/format.ts';
import { describesModel, inReadingOrder, metricGroup } from './metric-names.ts';
import type { Paint } from './paint.ts';
import { textWidth } from './text-width.ts';

const MAXIMUM_METRICS_PER_GROUP = 5;
const LABEL_WIDTH = 7;

/** The end of a run as lines for a person. */
export function runSummary(result: RunResult, columns: number, paint: Paint, showReason = true): string[] {
  const color = result.status === 'FINISHED' ? paint.good : result.status === 'KILLED' ? paint.warning : paint.bad;
  const exit = result.exitCode === null || result.exitCode === 0 ? '' : ` with exit code ${result.exitCode}`;
  const lines = [`${color(paint.strong(result.status))}${exit} after ${formatDuration(result.durationMs)}`];
  const add = (label: string, ...values: readonly string[]) => {
    for (const [index, value] of values.entries()) {
      lines.push(`  ${paint.faint((index === 0 ? label : '').padEnd(8))}${value}`);
    }
  };

  if (result.reason !== null && showReason) add('reason', ...result.reason.split('\n'));
  add('metrics', ...metricLines(result.metrics, columns - 10, paint));
  const names = result.url === null ? [result.runName] : [result.runName, paint.accent(result.url)];
  // A link is of use only on one line, so it gets a line of its own where it would be cut.
  if (textWidth(names.join('  ')) + 10 <= columns) add('run', names.join('  '));
  else add('run', ...names);
  for (const model of result.models) add('model', `${model.name} version ${model.version}`);
  if (result.image !== null) add('image', result.image);
  add('files', result.runDirectory);
  if (!result.drained && result.mlflowRunId !== null) {
    add('note', `Not everything has reached the server yet; see: slipway sync ${result.runId}`);
  } else if (result.mlflowRunId === null && result.exitCode !== null) {
    // A program that never ran has left nothing to send.
    add('note', `No tracking server has this run yet; send it with: slipway sync ${result.runId}`);
  }
  return lines;
}

/** What a group's metrics are called by in the summary, and the prefix that says the same. */
const groups = [
  { group: 'test', label: 'test', prefix: 'test_' },
  { group: 'validation', label: 'val', prefix: 'val_' },
  { group: 'training', label: 'train', prefix: '' },
] as const;

/** Test, validation and training metrics, a line each, in that order: the most honest ones first. */
function metricLines(metrics: Readonly<Record<string, number>>, columns: number, paint: Paint): string[] {
  const keys = inReadingOrder(Object.keys(metrics).filter(describesModel));
  const shown = groups
    .map((group) => ({ ...group, keys: keys.filter((key) => metricGroup(key) === group.group) }))
    .filter((group) => group.keys.length > 0);
  // A program that knows no such groups has but one, without a prefix: it needs no label.
  const isLabelled = shown.some(({ prefix }) => prefix !== '');
  return shown.flatMap(({ label, prefix, keys: ofGroup }) => {
    const indent = isLabelled ? LABEL_WIDTH : 0;
    const pairs = ofGroup
      .slice(0, MAXIMUM_METRICS_PER_GROUP)
      .map((key) => `${paint.faint(key.slice(prefix.length))} ${formatNumber(metrics[key]!)}`);
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
