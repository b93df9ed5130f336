import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { agentLives } from '../agent/index.ts';
import { errorCode } from '../errors.ts';
import {
  isRunId,
  listOpenRuns,
  listRuns,
  readStoredRun,
  runPaths,
  type StoredRun,
  waitsForSync,
} from '../runs/index.ts';
import { isFinal, type RunState } from '../runs/state.ts';
import { adoptOrphans } from './adopt-orphans.ts';
import { containersOf, type FoundContainers, findRunContainers, type RunContainer } from './run-containers.ts';
import { type ReachedEpoch, reachedEpoch } from './run-progress.ts';
import { currentSelf, isOfThisMachine, ownerOf, type Self } from './self.ts';
import { timeOfId } from './time-of-id.ts';

/** A run that lives on this machine, or its container alone. */
export interface MachineRun extends ReachedEpoch {
  readonly runId: string;
  /** Null where the run has no plan (yet). */
  readonly runName: string | null;
  readonly experiment: string | null;
  /**
   * Where the run stands. `unplanned`: its launch was interrupted, or is just beginning. `orphaned`: a container whose run
   * folder is gone. `unknown`: a container whose run folder this user cannot look at.
   */
  readonly state: RunState | 'unplanned' | 'orphaned' | 'unknown';
  /** Whether a process owns the run; null where it is over and needs none. */
  readonly agent: 'alive' | 'adopted' | 'gone' | null;
  /** Whether it is over, and waits for `slipway sync` because its server does not have all of it. */
  readonly isUnsent: boolean;
  /** The engine's word for the state of its container; null where it has none. */
  readonly container: string | null;
  readonly containerId: string | null;
  readonly createdAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly gpus: string | null;
  readonly owner: string;
  readonly ownerUid: number | null;
  readonly isOwn: boolean;
  readonly engine: 'docker' | 'host' | null;
  readonly machine: string | null;
  readonly storage: string | null;
  readonly runDirectory: string | null;
  readonly mlflowRunId: string | null;
  readonly url: string | null;
  /** Why it did not end well; null where it did, or has not ended. */
  readonly reason: string | null;
  /** What is wrong with its folder; null where nothing is. */
  readonly problem: string | null;
}

export interface ListOptions {
  /** The storages to look into, by their real paths. */
  readonly storages: readonly string[];
  /** Whether these storages alone are meant, and not containers of others. */
  readonly isOnly: boolean;
  /** Whether runs that are over, and those of other machines, are listed as well. */
  readonly all: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

export interface MachineList extends Pick<FoundContainers, 'problem' | 'hasNoEngine'> {
  /** The newest first. */
  readonly runs: readonly MachineRun[];
  /** Ids of those that were given a new agent. */
  readonly adopted: readonly string[];
  /** Of those that could not be given one: a sentence each. */
  readonly unadopted: readonly string[];
}

/**
 * The runs of this machine: those of the storages, and those whose container the engine has. Runs of this user that lost
 * their agent are given another one; those of other users are shown, and no more.
 */
export async function listMachine(options: ListOptions): Promise<MachineList> {
  const self = currentSelf();
  const { all, environment, isOnly, signal, storages } = options;
  const [found, stored] = await Promise.all([
    findRunContainers(environment, signal),
    Promise.all(storages.map((storage) => (all ? listRuns(storage) : listOpenRuns(storage)))),
  ]);
  const containers = isOnly ? await containersOf(found.containers, storages) : found.containers;
  const runs = new Map<string, StoredRun>();
  for (const run of stored.flat()) if (all || isOfThisMachine(run, self)) runs.set(run.runId, run);
  const alone: MachineRun[] = [];
  for (const container of containers) {
    if (runs.has(container.runId)) continue;
    const { run, isGone } = await runOfContainer(container, storages);
    if (run !== null) runs.set(run.runId, run);
    else alone.push(describeContainer(container, isGone, self));
  }
  const unadopted: string[] = [];
  const onProblem = (text: string): void => void unadopted.push(text);
  const adopted = await adoptOrphans([...runs.values()], { self, environment, onProblem });
  const described = await Promise.all(
    [...runs.values()].map((run) =>
      describeRun(run, {
        self,
        container: containers.findLast(({ runId }) => runId === run.runId) ?? null,
        isAdopted: adopted.includes(run.runId),
      }),
    ),
  );
  const { problem, hasNoEngine } = found;
  const newestFirst = (one: MachineRun, other: MachineRun): number => (one.runId < other.runId ? 1 : -1);
  return { runs: [...described, ...alone].sort(newestFirst), adopted, unadopted, problem, hasNoEngine };
}

/** The run folder that a container was made for; `isGone` where it is known not to be there any more. */
export async function runOfContainer(
  { runId, storage }: Pick<RunContainer, 'runId' | 'storage'>,
  storages: readonly string[],
): Promise<{ readonly run: StoredRun | null; readonly isGone: boolean }> {
  // A label is only text: it must not lead to a folder of another form.
  if (!isRunId(runId)) return { run: null, isGone: false };
  for (const each of storage === null ? storages : [storage, ...storages]) {
    const run = await readStoredRun(each, runId).catch(() => null);
    if (run !== null) return { run, isGone: false };
  }
  if (storage === null) return { run: null, isGone: false };
  const code = await stat(runPaths(storage, runId).directory).then(
    () => null,
    (error: unknown) => errorCode(error),
  );
  return { run: null, isGone: code === 'ENOENT' };
}

interface Surroundings {
  readonly self: Self;
  readonly container: RunContainer | null;
  readonly isAdopted: boolean;
}

async function describeRun(run: StoredRun, { self, container, isAdopted }: Surroundings): Promise<MachineRun> {
  const { runId, paths, plan, state } = run;
  const ownerUid = plan?.owner.uid ?? (await ownerOf(paths.directory));
  const isOver = state !== null && isFinal(state.state);
  const isHere = isOfThisMachine(run, self);
  const isSettled = isOver && state.statusSent;
  const lives = isHere && !isSettled && (await agentLives(paths.directory));
  return {
    runId,
    runName: plan?.runName ?? null,
    experiment:
      plan === null ? null : (plan.tracking.experimentName ?? plan.tracking.experimentId ?? plan.project.name),
    state: state?.state ?? (plan === null ? 'unplanned' : 'planned'),
    agent: isAdopted ? 'adopted' : lives ? 'alive' : isOver || !isHere ? null : 'gone',
    isUnsent: state !== null && !lives && !isAdopted && waitsForSync(state),
    container: container?.state ?? null,
    containerId: container?.id ?? null,
    createdAtMs: plan?.createdAtMs ?? timeOfId(runId),
    endedAtMs: state?.endedAtMs ?? null,
    ...reachedEpoch(paths.directory),
    gpus: plan?.gpus ?? null,
    owner: plan?.owner.name ?? String(ownerUid ?? '?'),
    ownerUid,
    isOwn: ownerUid === self.uid,
    engine: plan?.engine ?? null,
    machine: plan?.host.name ?? null,
    storage: plan?.storage.directory ?? dirname(dirname(paths.directory)),
    runDirectory: paths.directory,
    mlflowRunId: state?.mlflowRunId ?? null,
    url: state?.runUrl ?? null,
    reason: state?.reason ?? null,
    problem: plan === null || state !== null ? run.problem : null,
  };
}

function describeContainer(container: RunContainer, isGone: boolean, self: Self): MachineRun {
  const { runId, ownerUid, storage, project } = container;
  return {
    runId,
    runName: null,
    experiment: project,
    state: isGone ? 'orphaned' : 'unknown',
    agent: null,
    isUnsent: false,
    container: container.state,
    containerId: container.id,
    createdAtMs: container.createdAtMs,
    endedAtMs: null,
    ...{ epoch: null, epochs: null, gpus: null },
    owner: ownerUid === self.uid ? self.name : String(ownerUid ?? '?'),
    ownerUid,
    isOwn: ownerUid === self.uid,
    engine: 'docker',
    ...{ machine: null, storage, runDirectory: null, mlflowRunId: null, url: null, reason: null, problem: null },
  };
}
