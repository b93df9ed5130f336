import { metricStem } from '../../util/metric-stem.ts';
import { ofStem, orderedParams, primaryMetric, stems, type ViewFacts } from './facts.ts';

/** More columns than these would leave no room for what is in them. */
const mostMetrics = 6;
const mostParams = 8;

/** A column of MLflow's table of runs: `metrics.`val_auc``, with its width in pixels. */
export interface ViewColumn {
  readonly id: string;
  readonly width: number;
}

/**
 * The columns that let runs be compared at a glance: the primary metric first, then the other measures on validation
 * and test data, the duration, the parameters, tags, and the models that were made.
 */
export function viewColumns(facts: ViewFacts): ViewColumn[] {
  const params = orderedParams(facts).slice(0, mostParams);
  return [
    ...metricColumns(facts).map((key) => column('metrics', key)),
    column('attributes', 'Duration', 100),
    ...params.map((key) => column('params', key)),
    ...facts.tags.map((key) => column('tags', key, key === 'image' ? 230 : 140)),
    column('attributes', 'Models', 230),
  ];
}

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
