import type { ImageSummary } from '../docker/index.ts';
import { imageLabels } from '../image/index.ts';
import type { StoredRun } from '../runs/index.ts';
import type { RunContainer } from './run-containers.ts';

/** What can be pruned. */
export const pruneKinds = ['runs', 'containers', 'images', 'cache'] as const;
export type PruneKind = (typeof pruneKinds)[number];

export interface PruneWishes {
  readonly kinds: ReadonlySet<PruneKind>;
  /** What has been of use within this time stays; containers of ended runs have no age. */
  readonly olderThanMs: number;
  /** So many of the newest runs of each experiment stay, however old. */
  readonly keep: number;
  readonly nowMs: number;
}

/** A run folder, and what is known of it. */
export interface PrunableRun {
  readonly run: StoredRun;
  /** When it ended, or was to begin; milliseconds since 1970. */
  readonly lastUsedMs: number;
  readonly isOwn: boolean;
  /** Over, and all of it on its server: nothing is lost but the folder. */
  readonly isSettled: boolean;
}

/** A container of a run, and what is known of it. */
export interface PrunableContainer {
  readonly container: RunContainer;
  readonly isOwn: boolean;
  /** Its program has ended, and so has the run, or the run's folder is gone. */
  readonly isOver: boolean;
}

/** A file or folder that is made again where it is missing. */
export interface PrunableCache {
  readonly path: string;
  readonly lastUsedMs: number;
  readonly isOwn: boolean;
}

export interface PruneFacts {
  readonly uid: number;
  /** All runs that may use an image or a cloned project, whoever's they are. */
  readonly runs: readonly PrunableRun[];
  /** Ids of the runs that may go; the others are of storages that are not meant. */
  readonly meantRunIds: ReadonlySet<string>;
  readonly containers: readonly PrunableContainer[];
  readonly images: readonly ImageSummary[];
  /** Ids of the images of all containers that the engine has. */
  readonly imagesInUse: ReadonlySet<string>;
  readonly cache: readonly PrunableCache[];
}

/** What goes. */
export interface PruneChoice {
  readonly runs: readonly PrunableRun[];
  readonly containers: readonly RunContainer[];
  readonly images: readonly ImageSummary[];
  readonly cache: readonly PrunableCache[];
}

/**
 * Chooses what may go: only what is this user's by its label or its folder; no run that is not over or not wholly sent;
 * no image that a kept run or any container uses, or that carries a name somebody gave it. A pure function of the facts.
 */
export function choosePrunable(facts: PruneFacts, wishes: PruneWishes): PruneChoice {
  const { kinds } = wishes;
  const runs = kinds.has('runs') ? chooseRuns(facts, wishes) : [];
  const going = new Set(runs.map(({ run }) => run.runId));
  const kept = facts.runs.filter(({ run }) => !going.has(run.runId));
  const containers = facts.containers.filter(
    ({ container, isOwn, isOver }) => isOwn && isOver && (kinds.has('containers') || going.has(container.runId)),
  );
  return {
    runs,
    containers: containers.map(({ container }) => container),
    images: kinds.has('images') ? chooseImages(facts, wishes, { kept, goingContainers: containers }) : [],
    cache: kinds.has('cache') ? chooseCache(facts, wishes, kept) : [],
  };
}

function chooseRuns({ runs, meantRunIds }: PruneFacts, wishes: PruneWishes): PrunableRun[] {
  const newestFirst = runs.toSorted((one, other) => (one.run.runId < other.run.runId ? 1 : -1));
  const seen = new Map<string, number>();
  return newestFirst.filter((each) => {
    if (!each.isOwn) return false;
    const experiment = experimentOf(each.run);
    const place = seen.get(experiment) ?? 0;
    // A launch that never became a run takes no place of one.
    if (each.run.plan !== null) seen.set(experiment, place + 1);
    const isKept = each.run.plan !== null && place < wishes.keep;
    return each.isSettled && !isKept && meantRunIds.has(each.run.runId) && isOld(each, wishes);
  });
}

/** The experiment that a run is of, by its server and name. */
function experimentOf({ plan }: StoredRun): string {
  if (plan === null) return '';
  const { uri, experimentName, experimentId } = plan.tracking;
  return [uri ?? '', experimentId ?? experimentName ?? plan.project.name].join('\0');
}

/** Tags that images get here: a commit, a tree or a digest of files; see src/image/image-reference.ts and trainer-image.ts. */
const ownTag =
  /:(?:[0-9a-f]{12}(?:-dirty-[0-9a-f]{12})?|nogit-[0-9a-f]{12}|\d+\.\d+\.\d+[\w.]*-[0-9a-f]{12})(?:-gpu)?$/;

interface Around {
  readonly kept: readonly PrunableRun[];
  readonly goingContainers: readonly PrunableContainer[];
}

function chooseImages(facts: PruneFacts, wishes: PruneWishes, { kept, goingContainers }: Around): ImageSummary[] {
  const usedIds = new Set(kept.flatMap(({ run }) => (run.state?.image ? [run.state.image.id] : [])));
  const usedNames = new Set(kept.flatMap(({ run }) => (run.plan === null ? [] : [run.plan.image.reference])));
  const left = facts.containers.filter((each) => !goingContainers.includes(each));
  const others = new Set(
    [...facts.imagesInUse].filter((id) => !goingContainers.some((each) => each.container.imageId === id)),
  );
  for (const { container } of left) others.add(container.imageId);
  let chosen = facts.images.filter(
    ({ id, labels, tags, createdAtMs }) =>
      labels[imageLabels.owner] === String(facts.uid) &&
      labels[imageLabels.build] !== undefined &&
      isOld({ lastUsedMs: createdAtMs }, wishes) &&
      !usedIds.has(id) &&
      !others.has(id) &&
      tags.every((tag) => ownTag.test(tag) && !usedNames.has(tag)),
  );
  // An image that another one is built on stays as long as that one.
  for (;;) {
    const ids = new Set(chosen.map(({ id }) => id));
    const bases = new Set(
      facts.images.filter(({ id }) => !ids.has(id)).map(({ labels }) => labels[imageLabels.baseId]),
    );
    const rest = chosen.filter(({ id }) => !bases.has(id));
    if (rest.length === chosen.length) return rest;
    chosen = rest;
  }
}

function chooseCache({ cache }: PruneFacts, wishes: PruneWishes, kept: readonly PrunableRun[]): PrunableCache[] {
  const projects = kept.flatMap(({ run }) => (run.plan === null ? [] : [`${run.plan.project.directory}/`]));
  return cache.filter(
    (entry) => entry.isOwn && isOld(entry, wishes) && !projects.some((each) => each.startsWith(`${entry.path}/`)),
  );
}

function isOld({ lastUsedMs }: { readonly lastUsedMs: number }, { olderThanMs, nowMs }: PruneWishes): boolean {
  return nowMs - lastUsedMs >= olderThanMs;
}
