import { SlipwayError, UsageError } from '../errors.ts';
import type { RunResult } from '../events.ts';
import { findRun } from '../runs/index.ts';
import type { LaunchContext } from './launch.ts';
import { machineId } from './machine-id.ts';
import { chooseStorage } from './storage.ts';
import { watchRun } from './watch-run.ts';

/** Watches a run that was launched earlier. Throws UsageError where none or several are meant. */
export async function attachRun(
  text: string,
  context: LaunchContext & { readonly storage: string | null },
): Promise<RunResult> {
  const storage = chooseStorage(context.storage, context.environment, process.cwd());
  const run = await findRun(storage, text);
  if (run.plan === null) {
    throw new SlipwayError(`The run ${run.runId} has no plan: ${run.problem ?? 'its launch was interrupted'}.`, {
      hint: `It never began, and its folder can go: \`rm -r ${run.paths.directory}\``,
    });
  }
  const uid = process.getuid?.() ?? run.plan.owner.uid;
  if (run.plan.owner.uid !== uid) {
    throw new UsageError(`The run ${run.runId} belongs to ${run.plan.owner.name}: only they can take it over.`, {
      hint: `To look at it: \`slipway runs show ${run.runId}\``,
    });
  }
  if (run.plan.host.machineId !== machineId()) {
    throw new UsageError(`The run ${run.runId} belongs to the machine ${run.plan.host.name}: only there it goes on.`, {
      hint: `Log in there; to look at it from here: \`slipway runs show ${run.runId}\``,
    });
  }
  return watchRun({ runDirectory: run.paths.directory, ...context, again: true });
}
