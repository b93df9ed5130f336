import { metricStem } from '../../util/metric-stem.ts';
import { ofStem, orderedParams, primaryMetric, stems, type ViewFacts } from './facts.ts';

/** More columns than these would leave no room for what is in them. */
const mostMetrics = 6;
const mostParams = 8;
/** Metrics before the parameters that differ: with these a laptop's screen shows what was changed and what came of it. */
const leadingMetrics = 2;
const mostVaried = 4;

/** A column of MLflow's table of runs: `metrics.`val_auc``, with its width in pixels. */
export interface ViewColumn {
  readonly id: string;
  readonly width: number;
}

/**
 * The columns that let runs be compared at a glance: the primary metric and its test, whether a run diverged, the
 * parameters in which runs differ; then the other measures on validation and test data, the duration, the other
 * parameters, tags, and the models that were made.
 */
export function viewColumns(facts: ViewFacts): ViewColumn[] {
  const params = orderedParams(facts).slice(0, mostParams);
  const varied = params.filter((key) => facts.varied.includes(key)).slice(0, mostVaried);
  const metrics = metricColumns(facts);
  const leading = varied.length === 0 ? metrics.length : leadingMetrics;
  return [
    ...metrics.slice(0, leading).map((key) => column('metrics', key)),
    ...facts.tags.filter((key) => key === divergedTag).map((key) => column('tags', key)),
    ...varied.map((key) => column('params', key)),
    ...metrics.slice(leading).map((key) => column('metrics', key)),
    column('attributes', 'Duration', 100),
    ...params.filter((key) => !varied.includes(key)).map((key) => column('params', key)),
    ...facts.tags.filter((key) => key !== divergedTag).map((key) => column('tags', key, key === 'image' ? 230 : 140)),
    column('attributes', 'Models', 230),
  ];
}

/** Tag of a run that diverged. */
const divergedTag = 'diverged';

function metricColumns(facts: ViewFacts): string[] {
  const first = primaryMetric(facts);
  const telling = stems(facts).flatMap((stem) => {
    const keys = ofStem(facts, stem);
    const held = keys.filter((key) => metricStem(key).set !== 'training');
    // A program that knows no validation data has but the one value.
    return held.length > 0 ? held : keys;
  });
  const ordered = first === null ? telling : [first, ...telling.filter((key) => key !== first)];
  return ordered.slice(0, mostMetrics);
}

/** MLflow spells a column as its kind and, between backticks, its name (`makeCanonicalSortKey` of its UI). */
export function columnId(kind: 'metrics' | 'params' | 'tags' | 'attributes', name: string): string {
  return `${kind}.\`${name}\``;
}

function column(kind: Parameters<typeof columnId>[0], name: string, width?: number): ViewColumn {
  // The title and the sort mark fit: about 8 pixels a character.
  return {
    id: columnId(kind, name),
    width: width ?? Math.min(240, Math.max(kind === 'metrics' ? 112 : 90, 8 * name.length + 44)),
  };
}
