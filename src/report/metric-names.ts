/** Metrics in the order in which people read them; others follow in the order they came. */
const order = ['loss', 'accuracy', 'auc', 'precision', 'recall'];
/** What is kept where the line is narrow, most telling first. */
const priority = ['loss', 'val_loss', 'val_auc', 'accuracy', 'val_accuracy', 'auc'];

/** The data a metric was computed on, by its prefix: `val_loss`, or `val/loss` as others write it. */
export function metricGroup(key: string): 'training' | 'validation' | 'test' {
  if (/^val[_/]/.test(key)) return 'validation';
  return /^test[_/]/.test(key) ? 'test' : 'training';
}

/** Training metrics first, then validation, then test; within each loss, accuracy, auc, … */
export function inReadingOrder(keys: readonly string[]): string[] {
  const groups = ['training', 'validation', 'test'];
  const rank = (key: string): number => {
    const position = order.indexOf(key.replace(/^(val|test|train)[_/]/, ''));
    return groups.indexOf(metricGroup(key)) * 100 + (position < 0 ? order.length : position);
  };
  return [...keys].sort((first, second) => rank(first) - rank(second));
}

/** The keys from the most telling to the least; of those that are equal, validation comes before training. */
export function byImportance(keys: readonly string[]): string[] {
  const groups = ['validation', 'test', 'training'];
  const rank = (key: string): number => {
    const position = priority.indexOf(key.replace(/^test[_/]/, ''));
    return position < 0 ? priority.length + groups.indexOf(metricGroup(key)) : position;
  };
  return [...inReadingOrder(keys)].sort((first, second) => rank(first) - rank(second));
}
