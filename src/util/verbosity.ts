/** How much a person wants to see; each shows all that those before it show. */
export type Verbosity = 'quiet' | 'normal' | 'verbose' | 'debug';

const order: readonly Verbosity[] = ['quiet', 'normal', 'verbose', 'debug'];

/** Whether something that is to be seen from one level on is seen at another. */
export function isShown(from: Verbosity, at: Verbosity): boolean {
  return order.indexOf(at) >= order.indexOf(from);
}
