import type { RunResult } from '../events.ts';
import { formatDuration, formatNumber } from '../util/format.ts';
import { describesModel, inReadingOrder, metricGroup } from './metric-names.ts';
import type { Paint } from './paint.ts';
import { textWidth } from './text-width.ts';

const MAXIMUM_METRICS_PER_GROUP = 5;

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
  } else if (result.mlflowRunId === null) {
    add('note', `No tracking server has this run yet; send it with: slipway sync ${result.runId}`);
  }
  return lines;
}

/** Test, validation and training metrics, a line each, in that order: the most honest ones first. */
function metricLines(metrics: Readonly<Record<string, number>>, columns: number, paint: Paint): string[] {
  const keys = inReadingOrder(Object.keys(metrics).filter(describesModel));
  return (['test', 'validation', 'training'] as const).flatMap((group) => {
    const shown = keys.filter((key) => metricGroup(key) === group).slice(0, MAXIMUM_METRICS_PER_GROUP);
    const pairs = shown.map((key) => ({ key, text: `${key} ${formatNumber(metrics[key]!)}` }));
    const lines: string[] = [];
    let line = '';
    for (const { key, text } of pairs) {
      if (line !== '' && textWidth(line) + 2 + text.length > columns) {
        lines.push(line);
        line = '';
      }
      line += `${line === '' ? '' : '  '}${paint.faint(key)} ${formatNumber(metrics[key]!)}`;
    }
    return line === '' ? lines : [...lines, line];
  });
}
