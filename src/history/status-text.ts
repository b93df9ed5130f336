import type { RunStatus } from '../mlflow/index.ts';
import type { Look } from '../report/look.ts';

/** A run's state as a word, and how it is painted. */
export function statusText(
  run: { readonly status: RunStatus; readonly isDeleted: boolean; readonly diverged: string | null },
  { paint }: Look,
): { readonly text: string; readonly paint: (text: string) => string } {
  const { status, isDeleted, diverged } = run;
  if (isDeleted) return { text: 'deleted', paint: paint.faint };
  // It ended as it should, and is worth nothing.
  if (status === 'FINISHED' && diverged !== null) return { text: 'diverged', paint: paint.warning };
  const painters = {
    FINISHED: paint.good,
    FAILED: paint.bad,
    KILLED: paint.warning,
    RUNNING: paint.accent,
    SCHEDULED: paint.accent,
  };
  return { text: status.toLowerCase(), paint: painters[status] };
}
