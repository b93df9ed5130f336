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

/** False for values that are about the machine or a single batch, or that say nothing about the model. */
export function describesModel(key: string): boolean {
  return !/^(system|batch)\//.test(key) && !/^(learning_rate|epoch|epoch_seconds|samples_per_second)$/.test(key);
}

/** What gets smaller as a model gets better: a loss, an error, a distance. */
export function isLowerBetter(key: string): boolean {
  return /(^|[_/.-])(loss|error|err|mae|mse|rmse|mape|perplexity|divergence|distance|eer|wer|cer|fid)($|[_/.-])/i.test(
    key,
  );
}
