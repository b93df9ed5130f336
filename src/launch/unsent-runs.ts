import { findOwnRun, type PlannedRun } from '../machine/find-own-run.ts';
import { storagesToSearch } from '../machine/known-storages.ts';
import { currentSelf, isOfThisMachine, isOwnRun } from '../machine/self.ts';
import { hasBegun, listRuns } from '../runs/index.ts';
import { locateStorage } from './storage.ts';
import { isSent } from './sync-run.ts';

/** Where runs are looked for: a storage that was named alone, else every one that this user has launched into. */
export interface RunPlace {
  readonly storage: string | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The runs of these names or ids, each once. Throws UsageError for the first that is none, or is somebody else's. */
export async function findOwnRuns(names: readonly string[], place: RunPlace): Promise<PlannedRun[]> {
  const storages = await storagesOf(place);
  const found = new Map<string, PlannedRun>();
  for (const name of names) {
    const run = await findOwnRun(storages, name);
    found.set(run.runId, run);
  }
  return [...found.values()];
}

/** This user's runs on this machine whose server does not have all of them, the oldest first. */
export async function unsentRuns(place: RunPlace): Promise<PlannedRun[]> {
  const self = currentSelf();
  const unsent: PlannedRun[] = [];
  for (const storage of await storagesOf(place)) {
    for (const run of await listRuns(storage)) {
      const { plan, state } = run;
      if (plan === null || state === null || isSent(state) || state.deletedAtMs !== null) continue;
      if (hasBegun(state) && isOfThisMachine(run, self) && (await isOwnRun(run, self))) unsent.push({ ...run, plan });
    }
  }
  return unsent.sort((one, other) => one.plan.createdAtMs - other.plan.createdAtMs);
}

async function storagesOf({ storage, environment }: RunPlace): Promise<string[]> {
  const first = locateStorage(storage, environment, process.cwd());
  return storagesToSearch(first, { isOnly: storage !== null, environment });
}
