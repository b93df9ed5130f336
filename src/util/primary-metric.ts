/** What people look at first where a project does not say: the first of these that a run has. */
const usualMetrics = ['val_auc', 'val_accuracy', 'val_loss', 'auc', 'accuracy', 'loss'];

/** The metrics that may be a run's first one, the likeliest first; `named` is the one its MLproject names. */
export function primaryMetricKeys(named: string | null): readonly string[] {
  return named === null ? usualMetrics : [named, ...usualMetrics.filter((key) => key !== named)];
}

/** False for values that are about the machine or a single batch, or that say nothing about the model. */
export function describesModel(key: string): boolean {
  return !/^(batch|system)\//.test(key) && !/^(learning_rate|lr|epoch_seconds|samples_per_second)$/.test(key);
}

/** What a training minimizes: without a bound, so that it is no finite number where the training has diverged. */
const losses = lastWord(
  'loss(?:es)?|logloss|nll|(?:negative|neg)[_ -]?log[_ -]?likelihood|perplexity|ppl|cross[_ -]?entropy|bce|costs?',
  'mae|mse|rmse|msle|rmsle|(?:squared|absolute|logarithmic)[_ -]error',
);

/** Rates and scores: they are no finite number where there was nothing to count, whatever the training does. */
const otherwiseLowerIsBetter = lastWord('errors?|errs?|mapes?|briers?|wers?|cers?|fprs?|fnrs?|regrets?');

/** Matches names that are such a word, or end with one after a `_`, `/`, `.`, `-` or space. */
function lastWord(...words: string[]): RegExp {
  return new RegExp(`(?:^|[_/.\\- ])(?:${words.join('|')})$`, 'i');
}

/** Whether it is a loss, judged by the last word of the metric's name: its training has diverged where it is not finite. */
export function isLoss(key: string): boolean {
  return losses.test(key);
}

/** Whether less is better, judged by the last word of the metric's name: a loss, an error, or a rate of errors. */
export function isLowerBetter(key: string): boolean {
  return isLoss(key) || otherwiseLowerIsBetter.test(key);
}

/**
 * The index of a metric's best value; of equal ones the first. Null where none is a finite number.
 * @param values In the order of their steps.
 */
export function bestIndex(key: string, values: readonly number[]): number | null {
  const sign = isLowerBetter(key) ? -1 : 1;
  let best: number | null = null;
  for (const [index, value] of values.entries()) {
    if (!Number.isFinite(value)) continue;
    if (best === null || sign * value > sign * (values[best] as number)) best = index;
  }
  return best;
}
