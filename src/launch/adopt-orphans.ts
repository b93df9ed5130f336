import { agentLives, spawnAgent } from '../agent/index.ts';
import { listUnsettledRuns, type StoredRun } from '../runs/index.ts';

/**
 * Starts an agent for every run of this user, machine and storage whose own agent died before the run's end (a machine
 * that was switched off, an agent that was killed). Returns their ids. Runs that are being watched are left alone.
 */
export async function adoptOrphans(
  storageDirectory: string,
  self: { readonly runId: string; readonly uid: number; readonly machineId: string },
): Promise<string[]> {
  const adopted: string[] = [];
  for (const run of await listUnsettledRuns(storageDirectory)) {
    if (run.runId === self.runId || !isOrphanOf(run, self)) continue;
    if (await agentLives(run.paths.directory)) continue;
    spawnAgent(run.paths.directory).unref();
    adopted.push(run.runId);
  }
  return adopted;
}

function isOrphanOf({ plan, state }: StoredRun, self: { readonly uid: number; readonly machineId: string }): boolean {
  if (plan === null || state === null) return false;
  return plan.owner.uid === self.uid && plan.host.machineId === self.machineId;
}
