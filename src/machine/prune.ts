import { lstat, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { agentLives } from '../agent/index.ts';
import { DockerApiError, type DockerEngine, type ImageSummary } from '../docker/index.ts';
import { errorCode, errorMessage } from '../errors.ts';
import { imageLabels } from '../image/index.ts';
import { listRuns, runsDirectory, type StoredRun } from '../runs/index.ts';
import { isFinal } from '../runs/state.ts';
import { cacheEntries } from './cache-entries.ts';
import { diskBytes } from './directory-size.ts';
import { runOfContainer } from './list-machine.ts';
import {
  choosePrunable,
  type PrunableContainer,
  type PrunableRun,
  type PruneFacts,
  type PruneWishes,
} from './prune-plan.ts';
import { removeContainers, removeFolder, removeRun, removingPrefix } from './remove-run.ts';
import { containersOf, type FoundContainers, isAtWork, type RunContainer } from './run-containers.ts';
import { unsentClause } from './run-end.ts';
import { currentSelf, isOwnRun, ownerOf, type Self } from './self.ts';
import { timeOfId } from './time-of-id.ts';

/** One thing that would go. */
export interface PruneItem {
  readonly kind: 'run' | 'container' | 'image' | 'cache';
  /** A run id, a container's name, an image's names or id, a path. */
  readonly id: string;
  readonly name: string | null;
  readonly lastUsedMs: number | null;
  /** Bytes on the disk; of an image with the layers that it shares with others. */
  readonly bytes: number;
  readonly remove: () => Promise<unknown>;
}

export interface PruneScope {
  /** The storages whose runs, containers and caches are meant. */
  readonly storages: readonly string[];
  /** All storages that are known: their runs may use an image. */
  readonly known: readonly string[];
  /** Whether containers of other storages, and of none, are left alone. */
  readonly isOnly: boolean;
  readonly found: FoundContainers;
}

/** What can go, with the disk that each takes. Nothing is touched before an item's `remove` is called. */
export async function planPrune(scope: PruneScope, wishes: PruneWishes): Promise<PruneItem[]> {
  const self = currentSelf();
  const facts = await gatherFacts(scope, wishes, self);
  const { runs, containers, images, cache } = choosePrunable(facts, wishes);
  const { found } = scope;
  const inRuns = new Set(runs.map(({ run }) => run.runId));
  const items: Promise<PruneItem>[] = [
    ...runs.map((each) => runItem(each, found)),
    ...containers
      .filter(({ runId }) => !inRuns.has(runId))
      .map(async (each) => ({
        ...{ kind: 'container' as const, id: each.name, name: each.runId, lastUsedMs: each.createdAtMs, bytes: 0 },
        remove: () => removeContainers([each], found.engine),
      })),
    ...images.map(async (image) => imageItem(image, found.engine)),
    ...cache.map(async ({ path, lastUsedMs }) => ({
      ...{ kind: 'cache' as const, id: path, name: null, lastUsedMs, bytes: await diskBytes(path) },
      remove: () => removeFolder(path),
    })),
  ];
  const leftovers = wishes.kinds.has('runs') ? await removals(scope.storages, self) : [];
  return [...(await Promise.all(items)), ...leftovers];
}

async function gatherFacts(scope: PruneScope, wishes: PruneWishes, self: Self): Promise<PruneFacts> {
  const { storages, known, isOnly, found } = scope;
  const { kinds } = wishes;
  const lists = await Promise.all([...new Set([...storages, ...known])].map((storage) => listRuns(storage)));
  const stored = lists.flat();
  const runs = await Promise.all(stored.map((run) => describeRun(run, self)));
  const containers = isOnly ? await containersOf(found.containers, storages) : found.containers;
  const { engine } = found;
  const needsImages = kinds.has('images') && engine !== null;
  return {
    uid: self.uid,
    runs,
    meantRunIds: new Set(
      stored.filter(({ paths }) => storages.includes(dirname(dirname(paths.directory)))).map(({ runId }) => runId),
    ),
    containers: await Promise.all(containers.map((container) => describeContainer(container, scope, self))),
    images: needsImages ? await engine.listImages({ label: imageLabels.build }) : [],
    imagesInUse: new Set(needsImages ? (await engine.listContainers()).map(({ imageId }) => imageId) : []),
    cache: kinds.has('cache') ? (await Promise.all(storages.map((each) => cacheEntries(each, self.uid)))).flat() : [],
  };
}

/** A launch needs this time at most from its folder to its plan. */
const launchMs = 60_000;

async function describeRun(run: StoredRun, self: Self): Promise<PrunableRun> {
  const { plan, state, paths, runId } = run;
  const createdAtMs = plan?.createdAtMs ?? timeOfId(runId) ?? Date.now();
  const isOwn = plan === null ? (await ownerOf(paths.directory)) === self.uid : await isOwnRun(run, self);
  // Nothing was planned, or nothing begun: there is nothing to lose. One that is damaged is for a person to judge.
  const neverBegan = state === null && Date.now() - createdAtMs > launchMs && (await isUndamaged(run));
  const isSettled = neverBegan || (state !== null && isFinal(state.state) && (await unsentClause(run)) === null);
  return {
    run,
    lastUsedMs: state?.endedAtMs ?? state?.updatedAtMs ?? plan?.resumedAtMs ?? createdAtMs,
    isOwn,
    isSettled: isOwn && isSettled && !(await agentLives(paths.directory)),
  };
}

/** Whether plan and state are only missing where they could not be read. */
async function isUndamaged({ plan, paths }: StoredRun): Promise<boolean> {
  return (await isMissing(paths.state)) && (plan !== null || (await isMissing(paths.plan)));
}

async function isMissing(path: string): Promise<boolean> {
  return lstat(path).then(
    () => false,
    (error: unknown) => errorCode(error) === 'ENOENT',
  );
}

async function describeContainer(
  container: RunContainer,
  { storages, known }: PruneScope,
  self: Self,
): Promise<PrunableContainer> {
  const { run, isGone } = await runOfContainer(container, [...storages, ...known]);
  const hasEnded = run?.state != null && isFinal(run.state.state) && run.state.attempt === (run.plan?.attempt ?? 1);
  // A storage that is not there may be a disk that is not mounted: its runs' containers hold how they ended.
  const { storage } = container;
  const isLost = isGone && storage !== null && !(await isMissing(runsDirectory(storage)));
  return { container, isOwn: container.ownerUid === self.uid, isOver: !isAtWork(container) && (isLost || hasEnded) };
}

async function runItem({ run, lastUsedMs }: PrunableRun, found: FoundContainers): Promise<PruneItem> {
  return {
    ...{ kind: 'run' as const, id: run.runId, name: run.plan?.runName ?? null, lastUsedMs },
    bytes: await diskBytes(run.paths.directory),
    remove: () => removeRun(run, { force: false, found }),
  };
}

function imageItem({ id, tags, createdAtMs, sizeBytes }: ImageSummary, engine: DockerEngine | null): PruneItem {
  return {
    ...{ kind: 'image' as const, id: tags.join(', ') || id.replace('sha256:', '').slice(0, 12), name: null },
    ...{ lastUsedMs: createdAtMs, bytes: sizeBytes },
    remove: async () => {
      // By its names: without force the engine itself refuses what has come to be used meanwhile.
      for (const reference of tags.length === 0 ? [id] : tags) await engine?.removeImage(reference);
    },
  };
}

/** Folders whose removal was interrupted. */
async function removals(storages: readonly string[], self: Self): Promise<PruneItem[]> {
  const items: PruneItem[] = [];
  for (const storage of storages) {
    const folder = runsDirectory(storage);
    for (const name of await readdir(folder).catch(() => [])) {
      const path = join(folder, name);
      if (!name.startsWith(removingPrefix) || (await ownerOf(path)) !== self.uid) continue;
      const bytes = await diskBytes(path);
      items.push({
        ...{ kind: 'run', id: name, name: null, lastUsedMs: timeOfId(name.slice(removingPrefix.length)), bytes },
        remove: () => removeFolder(path),
      });
    }
  }
  return items;
}

/** What came of a prune. */
export interface PruneEnd {
  readonly removed: readonly PruneItem[];
  readonly kept: readonly { readonly item: PruneItem; readonly reason: string }[];
}

/** Removes one item after the other. What cannot be removed, or has come to be used meanwhile, is told and stays. */
export async function carryOutPrune(items: readonly PruneItem[], signal: AbortSignal): Promise<PruneEnd> {
  const removed: PruneItem[] = [];
  const kept: { item: PruneItem; reason: string }[] = [];
  for (const item of items) {
    if (signal.aborted) break;
    try {
      await item.remove();
      removed.push(item);
    } catch (error) {
      kept.push({ item, reason: error instanceof DockerApiError ? error.reason : errorMessage(error) });
    }
  }
  return { removed, kept };
}
