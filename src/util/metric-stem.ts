/** The data a metric was measured on, by its prefix, and what it measures: `val_auc` is the `auc` of `validation`. */
export interface MetricStem {
  readonly set: 'training' | 'validation' | 'test';
  readonly stem: string;
}

/** Takes the prefix off a metric's key: `val_`, `test_`, `train_`, and the same with a slash, as `val/loss`. */
export function metricStem(key: string): MetricStem {
  const [, prefix, stem] = /^(train|training|val|valid|validation|test)[_/](.+)$/.exec(key) ?? [];
  if (prefix === undefined || stem === undefined) return { set: 'training', stem: key };
  return { set: prefix.startsWith('val') ? 'validation' : prefix === 'test' ? 'test' : 'training', stem };
}
