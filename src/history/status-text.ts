import type { RunStatus } from '../mlflow/index.ts';
import type { Look } from '../report/look.ts';

/** A run's state as a word, and how it is painted. */
export function statusText(
  { status, isDeleted }: { readonly status: RunStatus; readonly isDeleted: boolean },
  { paint }: Look,
): { readonly text: string; readonly paint: (text: string) => string } {
  if (isDeleted) return { text: 'deleted', paint: paint.faint };
  const painters = {
    FINISHED: paint.good,
    FAILED: paint.bad,
    KILLED: paint.warning,
    RUNNING: paint.accent,
    SCHEDULED: paint.accent,
  };
  return { text: status.toLowerCase(), paint: painters[status] };
}
