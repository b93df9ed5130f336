import { realpath } from 'node:fs/promises';
import { type ContainerSummary, DockerEngine } from '../docker/index.ts';
import { errorCode, UnavailableError } from '../errors.ts';
import { containerLabels } from '../executors/index.ts';

/** A container of a run, as its labels tell it. */
export interface RunContainer {
  readonly id: string;
  readonly name: string;
  readonly runId: string;
  /** Null where it carries no owner. */
  readonly ownerUid: number | null;
  /** The storage on the machine that launched it; null of one that was made by an earlier version. */
  readonly storage: string | null;
  readonly project: string | null;
  readonly imageId: string;
  /** In the engine's words: `running`, `exited` and so on. */
  readonly state: string;
  readonly createdAtMs: number;
}

/** The containers of the engine that belong to runs. */
export interface FoundContainers {
  readonly containers: readonly RunContainer[];
  /** Why the engine could not be asked; null where it was. */
  readonly problem: UnavailableError | null;
  /** True where there is no engine on this machine at all: nothing to worry whoever does not use one. */
  readonly hasNoEngine: boolean;
  /** The engine; null where there is a problem. */
  readonly engine: DockerEngine | null;
}

const answerTimeoutMs = 15_000;

/** Asks the engine, for a while, which containers are of runs: it is the truth about programs, whatever became of agents. */
export async function findRunContainers(
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<FoundContainers> {
  const timeout = AbortSignal.timeout(answerTimeoutMs);
  try {
    const patience = AbortSignal.any([signal, timeout]);
    const engine = await DockerEngine.connect({ environment, signal: patience });
    const containers = await engine.listContainers({ label: containerLabels.run, signal: patience });
    return { containers: containers.map(toRunContainer), problem: null, hasNoEngine: false, engine };
  } catch (error) {
    signal.throwIfAborted();
    const problem = timeout.aborted
      ? new UnavailableError(`The Docker engine did not answer within ${answerTimeoutMs / 1000} s.`, { cause: error })
      : error;
    if (!(problem instanceof UnavailableError)) throw error;
    return { containers: [], problem, hasNoEngine: errorCode(problem.cause) === 'ENOENT', engine: null };
  }
}

/** What the labels of a container say of its run. */
export function toRunContainer({ id, name, labels, imageId, state, createdAtMs }: ContainerSummary): RunContainer {
  const owner = labels[containerLabels.owner];
  return {
    id,
    name,
    runId: labels[containerLabels.run] ?? '',
    ownerUid: owner !== undefined && /^\d+$/.test(owner) ? Number(owner) : null,
    storage: labels[containerLabels.storage] ?? null,
    project: labels[containerLabels.project] ?? null,
    imageId,
    state,
    createdAtMs,
  };
}

/** Whether a container's program is at work, or may be again. */
export function isAtWork({ state }: RunContainer): boolean {
  return state !== 'exited' && state !== 'dead' && state !== 'created';
}

/** The containers of these storages; a label may name one by a link. */
export async function containersOf(
  containers: readonly RunContainer[],
  storages: readonly string[],
): Promise<RunContainer[]> {
  const real = await Promise.all(
    containers.map(({ storage }) => (storage === null ? null : realpath(storage).catch(() => storage))),
  );
  return containers.filter((_, index) => storages.includes(real[index] ?? ''));
}
