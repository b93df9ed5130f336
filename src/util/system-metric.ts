/**
 * Whether a metric is one of the machine, which MLflow shows on a page of its own: nothing that compares models, and never
 * among the values that a person watches.
 */
export function isSystemMetric(key: string): boolean {
  return key.startsWith('system/');
}
