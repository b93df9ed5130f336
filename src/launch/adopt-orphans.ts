import { agentLives, spawnAgent } from '../agent/index.ts';
import { errorMessage } from '../errors.ts';
import type { EventSink } from '../events.ts';
import { listUnsettledRuns, type RunPlan, type StoredRun } from '../runs/index.ts';

/** Runs that lost their agent go on, too. That it does not work is no reason to fail this run. */
export async function takeOverOthers(plan: RunPlan, sink: EventSink): Promise<void> {
  const self = { runId: plan.runId, uid: plan.owner.uid, machineId: plan.host.machineId };
  try {
    const adopted = await adoptOrphans(plan.storage.directory, self);
    if (adopted.length === 0) return;
    const text = `Runs whose agent was gone go on with a new one: ${adopted.join(', ')}`;
    sink({ timeMs: Date.now(), type: 'notice', text });
  } catch (error) {
    sink({ timeMs: Date.now(), type: 'warning', text: `Earlier runs could not be taken over: ${errorMessage(error)}` });
  }
}

/**
 * Starts an agent for every run of this user, machine and storage whose own agent died before the run's end (a machine
 * that was switched off, an agent that was killed). Returns their ids. Runs that are being watched are left alone.
 */
async function adoptOrphans(
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
