/** Where a run stands. The last three are final. */
export type RunState =
  | 'planned'
  | 'preparing'
  | 'starting'
  | 'running'
  | 'stopping'
  | 'draining'
  | 'finished'
  | 'failed'
  | 'killed';

export function isFinal(state: RunState): boolean {
  return state === 'finished' || state === 'failed' || state === 'killed';
}
