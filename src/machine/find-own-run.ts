import { SlipwayError, UsageError } from '../errors.ts';
import { findRunIfAny, listRuns, type RunPlan, runsDirectory, type StoredRun } from '../runs/index.ts';
import { didYouMean } from '../util/closest.ts';
import { currentSelf, isOwnRun } from './self.ts';

/** A run that has a plan. */
export type PlannedRun = StoredRun & { readonly plan: RunPlan };

/**
 * The run meant by an id, the start of one, or a name, in any of these storages; null where none is meant. An id comes
 * before the start of one, and of several runs of a name the newest is meant. Throws UsageError where several are.
 */
export async function findRunAmongIfAny(storages: readonly string[], text: string): Promise<StoredRun | null> {
  const found: StoredRun[] = [];
  for (const storage of storages) {
    const run = await findRunIfAny(storage, text);
    if (run !== null) found.push(run);
  }
  const exact = found.find(({ runId }) => runId === text);
  if (exact !== undefined) return exact;
  const named = found.filter(({ runId, plan }) => plan?.runName === text && !runId.startsWith(text));
  if (found.length > 1 && named.length < found.length) {
    const list = found.map(({ runId, paths }) => `${runId} (${paths.directory})`).join(', ');
    throw new UsageError(`"${text}" means several runs: ${list}.`, { hint: 'Give more characters of the id.' });
  }
  // An id begins with its time.
  const [newest] = found.toSorted((one, other) => (one.runId < other.runId ? 1 : -1));
  return newest ?? null;
}

/** As findRunAmongIfAny, but throws UsageError where none is meant. */
export async function findRunAmong(storages: readonly string[], text: string): Promise<StoredRun> {
  const found = await findRunAmongIfAny(storages, text);
  if (found !== null) return found;
  const runs = (await Promise.all(storages.map((storage) => listRuns(storage)))).flat();
  const names = runs.flatMap(({ runId, plan }) => (plan === null ? [runId] : [plan.runName, runId]));
  const where = storages.map(runsDirectory).join(', ') || 'this machine: no storage of it is known';
  throw new UsageError(`No run "${text}" in ${where}${didYouMean(text, names) || '.'}`, {
    hint: 'The runs of this machine: `slipway ps --all`; where it lies in another storage, name that with --storage.',
  });
}

/**
 * The run meant by an id, the start of one, or a name, which this user may take over on this machine.
 * Throws UsageError where none or several are meant, or it is somebody else's.
 */
export async function findOwnRun(storages: string | readonly string[], text: string): Promise<PlannedRun> {
  return requireOwnRun(await findRunAmong(typeof storages === 'string' ? [storages] : storages, text));
}

/** Throws UsageError where a run is another user's or another machine's, SlipwayError where it has no plan. */
export async function requireOwnRun(run: StoredRun): Promise<PlannedRun> {
  const { runId, paths, plan, problem } = run;
  const self = currentSelf();
  if (plan === null) {
    throw new SlipwayError(`The run ${runId} has no plan: ${problem ?? 'its launch was interrupted.'}`, {
      hint: `It never began, and its folder can go: \`slipway rm ${runId}\``,
    });
  }
  if (!(await isOwnRun(run, self))) {
    throw new UsageError(`The run ${runId} belongs to ${ownerName(run)}: only they can stop it or take it over.`, {
      hint: `To look at it: \`slipway logs ${runId}\``,
    });
  }
  if (plan.host.machineId !== self.machineId) {
    throw new UsageError(`The run ${runId} belongs to the machine ${plan.host.name}: only there it goes on.`, {
      hint: `Log in there; to look at it from here: \`slipway runs show ${runId}\``,
    });
  }
  return { ...run, plan, paths };
}

/** Whom a run belongs to, for a sentence. */
function ownerName({ plan }: StoredRun): string {
  const self = currentSelf();
  if (plan === null || plan.owner.uid === self.uid) return 'another user, as its folder says';
  return plan.owner.name;
}
