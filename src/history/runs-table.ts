import type { Look } from '../report/look.ts';
import { type TableCell, type TableColumn, tableLines } from '../report/table.ts';
import { textWidth } from '../report/text-width.ts';
import { formatAge, formatDuration } from '../util/format.ts';
import { formatMetric } from '../util/format-metric.ts';
import { bestIndex } from '../util/primary-metric.ts';
import type { RecordedRun } from './recorded-run.ts';
import { statusText } from './status-text.ts';
import { differingParameters, tellingMetrics } from './telling-columns.ts';

/** Stands behind the best value of a column. */
const bestMark = '*';
/** Characters of a commit, and of an MLflow id, that tell it from all others of a project. */
const shortLength = 8;

/** Names that are drawn for runs are shorter than the first; of longer ones so much is kept. */
const widestName = 24;
const narrowestName = 12;
/** A title is read whole, or its column is left out; a longer value is cut to it. */
const widestParameter = 20;

export interface RunsTableOptions {
  /** The metric that is always shown; null where the runs have none. */
  readonly primaryMetric: string | null;
  readonly nowMs: number;
}

interface Column {
  readonly column: TableColumn;
  readonly cell: (run: RecordedRun, index: number) => TableCell;
}

/**
 * The runs as a table, one a line: what always fits on 60 columns, then what says most of how they differ. Where a metric
 * has several values, its best one is marked.
 */
export function runsTable(runs: readonly RecordedRun[], options: RunsTableOptions, look: Look): string[] {
  const lines = linesOf(runs, options, look, widestName);
  // A name that is cut is worse than a column that is left out, and better than a line that is broken.
  return lines.some((line) => textWidth(line) > look.columns) ? linesOf(runs, options, look, narrowestName) : lines;
}

function linesOf(
  runs: readonly RecordedRun[],
  { primaryMetric, nowMs }: RunsTableOptions,
  look: Look,
  nameWidth: number,
): string[] {
  const metrics = tellingMetrics(runs, primaryMetric).map((key, index) => metricColumn(key, runs, 2 + index, look));
  const parameters = differingParameters(runs).map((key, index) => parameterColumn(key, 2 + index));
  const columns: Column[] = [
    {
      column: { title: 'name', minimum: nameWidth },
      cell: (run) => ({ text: run.runName, paint: (text) => look.link(look.paint.strong(text), run.url) }),
    },
    { column: { title: 'id' }, cell: (run) => run.mlflowRunId.slice(0, shortLength) },
    { column: { title: 'state' }, cell: (run) => statusText(run, look) },
    { column: { title: 'age', align: 'right' }, cell: (run) => ageText(run, nowMs) },
    {
      column: { title: 'took', align: 'right', rank: 1 },
      cell: ({ durationMs }) => (durationMs === null ? '' : formatDuration(durationMs)),
    },
    ...(primaryMetric === null ? [] : [metricColumn(primaryMetric, runs, 0, look)]),
    ...metrics,
    ...parameters,
    { column: { title: 'commit', rank: 4 }, cell: (run) => ({ text: commitText(run), paint: look.paint.faint }) },
    { column: { title: 'who', minimum: 6, rank: 5 }, cell: ({ owner }) => owner ?? '' },
  ];
  return tableLines(
    columns.map(({ column }) => column),
    runs.map((run, index) => columns.map(({ cell }) => cell(run, index))),
    look,
  );
}

function metricColumn(key: string, runs: readonly RecordedRun[], rank: number, { paint }: Look): Column {
  const values = runs.map(({ metrics }) => metrics[key] ?? Number.NaN);
  const isCompared = new Set(values.filter(Number.isFinite)).size > 1;
  const best = isCompared ? bestIndex(key, values) : null;
  return {
    column: { title: isCompared ? `${key} ` : key, align: 'right', rank },
    cell: ({ metrics }) => {
      const value = metrics[key];
      if (value === undefined) return '';
      const text = formatMetric(key, value);
      if (!isCompared) return text;
      // Equally good ones are all the best. Where one value is marked, the others keep their place.
      return best !== null && value === values[best]
        ? { text: `${text}${bestMark}`, paint: (marked) => paint.good(paint.strong(marked)) }
        : `${text} `;
    },
  };
}

function parameterColumn(key: string, rank: number): Column {
  return {
    column: { title: key, align: 'right', minimum: Math.min(key.length, widestParameter), rank },
    cell: ({ parameters }) => parameters[key] ?? '',
  };
}

function ageText({ startedAtMs }: RecordedRun, nowMs: number): string {
  return startedAtMs === null ? '' : formatAge(nowMs - startedAtMs);
}

function commitText({ source }: RecordedRun): string {
  if (source.commit === null) return '';
  return `${source.commit.slice(0, shortLength)}${source.isDirty ? '+' : ''}`;
}
