import { z } from 'zod';
import { metricStem } from '../../util/metric-stem.ts';
import { describesModel, isLowerBetter } from '../../util/primary-metric.ts';

/** What is known of an experiment's runs, from which its view is drawn. */
export const viewFactsSchema = z.object({
  /** The metric a person looks at first; null where nobody said. */
  primaryMetric: z.string().nullable(),
  /** Metrics that runs have logged, in the order in which they were seen. */
  metrics: z.array(z.string()),
  /** Parameters in the order of the MLproject, each with the value it had last. */
  params: z.record(z.string(), z.string()),
  /** Those of them that have had more than one value. */
  varied: z.array(z.string()),
  /** Tags worth a column. */
  tags: z.array(z.string()),
});

export type ViewFacts = z.infer<typeof viewFactsSchema>;

/** So many of each are remembered: a program may log a key a class. */
const mostMetrics = 60;
const mostParams = 40;

/** Both together; what was known before comes first, the newer word on the primary metric holds. */
export function joinFacts(known: ViewFacts, newer: ViewFacts): ViewFacts {
  return {
    primaryMetric: newer.primaryMetric ?? known.primaryMetric,
    metrics: union(known.metrics, newer.metrics.filter(describesModel)).slice(0, mostMetrics),
    params: joinParams(known.params, newer.params),
    varied: union(known.varied, [...newer.varied, ...changedParams(known.params, newer.params)]),
    tags: union(known.tags, newer.tags),
  };
}

/** Longer values tell no more by which to know them apart. */
const longestValue = 60;

function joinParams(known: ViewFacts['params'], newer: ViewFacts['params']): ViewFacts['params'] {
  const entries = Object.entries({ ...known, ...newer }).slice(0, mostParams);
  return Object.fromEntries(entries.map(([key, value]) => [key, value.slice(0, longestValue)]));
}

function changedParams(known: ViewFacts['params'], newer: ViewFacts['params']): string[] {
  return Object.entries(newer)
    .filter(([key, value]) => known[key] !== undefined && known[key] !== value.slice(0, longestValue))
    .map(([key]) => key);
}

/** The parameters in which runs differ first, then the others. */
export function orderedParams({ params, varied }: ViewFacts): string[] {
  const all = Object.keys(params);
  return [...all.filter((key) => varied.includes(key)), ...all.filter((key) => !varied.includes(key))];
}

/** Parameters of which an axis can be made: numbers, and only those in which runs differ as soon as there are such. */
export function axes(facts: ViewFacts): string[] {
  const numeric = orderedParams(facts).filter((key) => isNumber(facts.params[key]));
  const varied = numeric.filter((key) => facts.varied.includes(key));
  return varied.length > 0 ? varied : numeric;
}

function isNumber(text = ''): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text));
}

/** Measures people ask for, the most telling first; others follow as they came. */
const usualStems = ['auc', 'accuracy', 'f1', 'loss', 'precision', 'recall'];

/** The metric to sort by: the one that was named, else the first of the usual ones, on validation data where there is such. */
export function primaryMetric(facts: ViewFacts): string | null {
  if (facts.primaryMetric !== null) return facts.primaryMetric;
  const ranked = stems(facts).flatMap((stem) => ofStem(facts, stem));
  return ranked.find((key) => metricStem(key).set === 'validation') ?? ranked[0] ?? null;
}

/** What the metrics measure: the primary metric's measure first, then the usual ones, then the others. */
export function stems(facts: ViewFacts): string[] {
  const known = union(
    [],
    facts.metrics.map((key) => metricStem(key).stem),
  );
  const first = facts.primaryMetric === null ? [] : [metricStem(facts.primaryMetric).stem];
  return union([...first, ...usualStems.filter((stem) => known.includes(stem))], known);
}

/** The metrics of one measure: of validation, test and training data, in this order. */
export function ofStem(facts: ViewFacts, stem: string): string[] {
  const sets = ['validation', 'test', 'training'];
  const all = facts.primaryMetric === null ? facts.metrics : union(facts.metrics, [facts.primaryMetric]);
  return all
    .filter((key) => metricStem(key).stem === stem)
    .sort((one, other) => sets.indexOf(metricStem(one).set) - sets.indexOf(metricStem(other).set));
}

/** Whether the best run is the one with the smallest value. */
export function sortsAscending(facts: ViewFacts): boolean {
  const key = primaryMetric(facts);
  return key !== null && isLowerBetter(key);
}

function union(first: readonly string[], second: readonly string[]): string[] {
  return [...new Set([...first, ...second])];
}
