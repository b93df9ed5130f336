import { SlipwayError, UsageError } from '../errors.ts';
import { findRun, type RunPlan, type StoredRun } from '../runs/index.ts';
import { machineId } from './machine-id.ts';

/**
 * The run meant by an id, the start of one, or a name, which this user may take over on this machine.
 * Throws UsageError where none or several are meant, or it is somebody else's.
 */
export async function findOwnRun(storage: string, text: string): Promise<StoredRun & { readonly plan: RunPlan }> {
  const run = await findRun(storage, text);
  const { runId, paths, plan, problem } = run;
  if (plan === null) {
    throw new SlipwayError(`The run ${runId} has no plan: ${problem ?? 'its launch was interrupted'}.`, {
      hint: `It never began, and its folder can go: \`rm -r ${paths.directory}\``,
    });
  }
  const uid = process.getuid?.() ?? plan.owner.uid;
  if (plan.owner.uid !== uid) {
    throw new UsageError(`The run ${runId} belongs to ${plan.owner.name}: only they can take it over.`, {
      hint: `To look at it: \`slipway runs show ${runId}\``,
    });
  }
  if (plan.host.machineId !== machineId()) {
    throw new UsageError(`The run ${runId} belongs to the machine ${plan.host.name}: only there it goes on.`, {
      hint: `Log in there; to look at it from here: \`slipway runs show ${runId}\``,
    });
  }
  return { ...run, plan };
}
