import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type ControlSocket, endAgent, holdRun } from '../agent/index.ts';
import type { DockerEngine } from '../docker/index.ts';
import { CannotWriteError, errorMessage, UsageError } from '../errors.ts';
import { readStoredRun, type StoredRun } from '../runs/index.ts';
import { sleep } from '../util/sleep.ts';
import { diskBytes } from './directory-size.ts';
import type { FoundContainers, RunContainer } from './run-containers.ts';
import { isOver, unsentClause } from './run-end.ts';
import { currentSelf, isOwnRun, ownerOf } from './self.ts';
import { timeOfId } from './time-of-id.ts';

/** A folder that is being removed begins so, and is no run folder any more. */
export const removingPrefix = '.removing-';

const pollMs = 100;
/** An agent has so long to end after its run is over. */
const agentEndMs = 5_000;
/** A launch writes its plan, and its agent the first state, within this time. */
const launchMs = 60_000;

export interface RemoveOptions {
  /** Also what is not on a server; the run's agent is ended where it is still sending. */
  readonly force: boolean;
  readonly found: Pick<FoundContainers, 'containers' | 'engine'>;
}

export interface Removed {
  readonly runId: string;
  readonly runName: string | null;
  /** Bytes on the disk that are free now. */
  readonly bytes: number;
  /** Names of containers that are gone with it. */
  readonly containers: readonly string[];
}

/**
 * Removes the folder and the container of a run of this user that is over, and nothing on the tracking server. The run's
 * lock is held meanwhile, so that no agent begins it.
 * Throws UsageError where it is somebody else's, not over, or not wholly on its server.
 */
export async function removeRun(run: StoredRun, { force, found }: RemoveOptions): Promise<Removed> {
  await requireRemovable(await readAgain(run), force);
  const lock = await takeLock(run, force);
  try {
    // Before the lock was held, somebody may have resumed the run.
    await requireRemovable(await readAgain(run), force);
    const self = currentSelf();
    const own = found.containers.filter(({ runId, ownerUid }) => runId === run.runId && ownerUid === self.uid);
    const containers = await removeContainers(own, found.engine);
    const bytes = await removeFolder(run.paths.directory);
    return { runId: run.runId, runName: run.plan?.runName ?? null, bytes, containers };
  } finally {
    lock.close();
  }
}

/** Removes containers of the engine by their ids; returns their names. */
export async function removeContainers(
  containers: readonly Pick<RunContainer, 'id' | 'name'>[],
  engine: DockerEngine | null,
): Promise<string[]> {
  if (engine === null) return [];
  for (const { id } of containers) await engine.removeContainer(id);
  return containers.map(({ name }) => name);
}

/**
 * Removes a folder of a storage so that half of it is never taken for the whole: it gets another name first. Returns the
 * bytes that are free now. Throws CannotWriteError.
 */
export async function removeFolder(directory: string): Promise<number> {
  const bytes = await diskBytes(directory);
  const going = join(dirname(directory), `${removingPrefix}${basename(directory)}`);
  try {
    await rm(going, { recursive: true, force: true });
    await rename(directory, going);
    await rm(going, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    throw new CannotWriteError(`The folder ${directory} cannot be removed: ${errorMessage(error)}.`, {
      hint: `What is left of it lies in ${going}; did the program write files as another user?`,
      cause: error,
    });
  }
  return bytes;
}

/** The run as it is now: it may have ended or begun since it was found. Throws UsageError where it is gone. */
async function readAgain({ runId, paths }: StoredRun): Promise<StoredRun> {
  const run = await readStoredRun(dirname(dirname(paths.directory)), runId);
  if (run === null) throw new UsageError(`The run ${runId} is gone: somebody else has just removed it.`);
  return run;
}

/** Throws UsageError with the reason why a run stays. */
async function requireRemovable(run: StoredRun, force: boolean): Promise<void> {
  const { runId, plan, state, paths } = run;
  const self = currentSelf();
  const isOwn = plan === null ? (await ownerOf(paths.directory)) === self.uid : await isOwnRun(run, self);
  if (!isOwn) {
    const owner = plan === null || plan.owner.uid === self.uid ? 'another user' : plan.owner.name;
    throw new UsageError(`The run ${runId} belongs to ${owner}: only they can remove it.`, {
      hint: `To look at it: \`slipway logs ${runId}\``,
    });
  }
  if (state === null) {
    if (force || Date.now() - (timeOfId(runId) ?? 0) > launchMs) return;
    throw new UsageError(`The run ${runId} is just being launched.`, { hint: `\`slipway stop ${runId}\`` });
  }
  const isElsewhere = plan !== null && plan.host.machineId !== self.machineId;
  if (!isOver(run)) {
    throw new UsageError(`The run ${runId} is not over (${state.state}): it cannot be removed.`, {
      hint: isElsewhere
        ? `It belongs to the machine ${plan.host.name}: log in there.`
        : `Stop it first: \`slipway stop ${runId}\`, or both at once: \`slipway rm --force ${runId}\``,
    });
  }
  const clause = await unsentClause(run);
  if (clause === null || (force && !isElsewhere)) return;
  throw new UsageError(`The run ${runId} is not removed: ${clause}.`, {
    hint: `To send it: \`slipway sync ${runId}\`; to lose that: \`slipway rm --force ${runId}\``,
  });
}

/** The run's lock. Its agent may need a moment to end; with force it is ended. */
async function takeLock({ runId, paths }: StoredRun, force: boolean): Promise<ControlSocket> {
  for (let waitedMs = 0; ; waitedMs += pollMs) {
    const lock = await holdRun(paths.directory);
    if (lock !== null) return lock;
    if (waitedMs >= agentEndMs && (!force || !(await endAgent(paths.directory)))) {
      throw new UsageError(`The run ${runId} is not removed: its agent is still at work.`, {
        hint: `To watch it: \`slipway attach ${runId}\``,
      });
    }
    await sleep(pollMs);
  }
}
