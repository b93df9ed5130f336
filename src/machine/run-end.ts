import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasBegun, type RunRecord, type StoredRun } from '../runs/index.ts';
import type { RunPaths } from '../runs/paths.ts';
import { isFinal } from '../runs/state.ts';

/** Whether the program of the run's last attempt has ended, or will never run; what it wrote may still be on its way. */
export function isOver({ plan, state }: Pick<StoredRun, 'plan' | 'state'>): boolean {
  if (state === null || (plan !== null && state.attempt < plan.attempt)) return false;
  return state.state === 'draining' || isFinal(state.state);
}

/** How a run that is over ended, in MLflow's words. */
export function endStatus(record: RunRecord): 'FINISHED' | 'FAILED' | 'KILLED' {
  if (record.stopRequested !== null) return 'KILLED';
  return record.reason === null && record.exitCode === 0 ? 'FINISHED' : 'FAILED';
}

/**
 * Why something of a run that is over would be lost with its folder: a clause; null where all of it is on a server, or
 * there is nothing that could be.
 */
export async function unsentClause({ plan, state, paths }: StoredRun): Promise<string | null> {
  if (state === null) return null;
  if (plan !== null && state.attempt < plan.attempt) return 'another attempt of it is to begin';
  if (!isFinal(state.state)) return 'what it wrote is not yet on the tracking server';
  // Somebody did not want it on the server any more: nothing of it will be sent.
  if (state.deletedAtMs !== null) return null;
  if (state.incomplete !== null) return `the tracking server does not have all of it (${state.incomplete})`;
  if (state.statusSent) return null;
  if (state.mlflowRunId !== null || state.registering) return 'not everything it wrote is on the tracking server';
  // Its output and its end are sent as well: a program that only prints leaves as much as `slipway ps` lists as not sent.
  if (!hasBegun(state) && !(await hasWritten(paths))) return null;
  return 'no tracking server has it: what it wrote is in its folder alone';
}

/** What is told of a run, and what is measured of it. */
const ofTheAgent: ReadonlySet<string> = new Set(['agent.ndjson', 'system.ndjson']);

/** Whether a program has left anything that a server would hold. What the agent writes of a run is no loss. */
async function hasWritten({ events, artifacts }: RunPaths): Promise<boolean> {
  const logs = (await readdir(events).catch(() => [])).filter((name) => !ofTheAgent.has(name));
  const sizes = await Promise.all(
    logs.map((name) =>
      stat(join(events, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  if (sizes.some((size) => size > 0)) return true;
  return (await readdir(artifacts).catch(() => [])).length > 0;
}
