import { inReadingOrder, metricGroup } from '../report/metric-names.ts';
import { describesModel, primaryMetricKeys } from '../util/primary-metric.ts';
import type { RecordedRun } from './recorded-run.ts';

type Measured = Pick<RecordedRun, 'metrics' | 'parameters'>;

/** More of them than these fit on no terminal. */
const mostMetrics = 8;
const mostParameters = 12;

/** The metric that people look at first: the project's, else the first usual one that a run has, else the commonest. */
export function primaryMetricOf(runs: readonly Measured[], named: string | null): string | null {
  const counts = countKeys(runs.map(({ metrics }) => metrics));
  const usual = primaryMetricKeys(named).find((key) => counts.has(key));
  if (usual !== undefined) return usual;
  const [commonest] = [...counts].filter(([key]) => describesModel(key)).sort(([, one], [, other]) => other - one);
  return commonest?.[0] ?? null;
}

/** The metrics beside the first that say most: test, then validation, then training, those of most runs. */
export function tellingMetrics(runs: readonly Measured[], primary: string | null): string[] {
  const counts = countKeys(runs.map(({ metrics }) => metrics));
  const measured = runs.filter(({ metrics }) => Object.keys(metrics).length > 0).length;
  const common = [...counts].filter(([key, count]) => describesModel(key) && key !== primary && count * 2 >= measured);
  const groups = ['test', 'validation', 'training'];
  const keys = inReadingOrder(common.map(([key]) => key));
  return groups.flatMap((group) => keys.filter((key) => metricGroup(key) === group)).slice(0, mostMetrics);
}

/** The parameters in which the runs differ, in the order in which the runs have them. A missing one differs, too. */
export function differingParameters(runs: readonly Measured[]): string[] {
  const keys = new Set(runs.flatMap(({ parameters }) => Object.keys(parameters)));
  // The name of a run stands in a column of its own.
  keys.delete('run_name');
  return [...keys]
    .filter((key) => new Set(runs.map(({ parameters }) => parameters[key])).size > 1)
    .slice(0, mostParameters);
}

function countKeys(records: readonly Readonly<Record<string, unknown>>[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const record of records) for (const key of Object.keys(record)) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
