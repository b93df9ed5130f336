import { describe, expect, it } from 'vitest';
import type { ImageSummary } from '../../../src/docker/index.ts';
import {
  choosePrunable,
  type PrunableContainer,
  type PrunableRun,
  type PruneFacts,
  type PruneWishes,
} from '../../../src/machine/prune-plan.ts';
import { storedRun } from './stored.ts';

const dayMs = 86_400_000;
const nowMs = 1000 * dayMs;
const uid = 1000;

function prunable(runId: string, ageDays: number, changes: Partial<PrunableRun> = {}): PrunableRun {
  const run = storedRun(runId);
  return { run, lastUsedMs: nowMs - ageDays * dayMs, isOwn: true, isSettled: true, ...changes };
}

function container(runId: string, changes: Partial<PrunableContainer> = {}): PrunableContainer {
  const labels = { ownerUid: uid, storage: '/storage', project: 'example', imageId: 'sha256:used', createdAtMs: 0 };
  return {
    container: { id: `c-${runId}`, name: `slipway-${runId}`, runId, state: 'exited', ...labels },
    isOwn: true,
    isOver: true,
    ...changes,
  };
}

function image(id: string, changes: Partial<ImageSummary> & { readonly base?: string; readonly owner?: number } = {}) {
  const { base = '', owner = uid, ...rest } = changes;
  const labels = { 'slipway.owner': String(owner), 'slipway.build': 'digest', 'slipway.base-id': base };
  return { id, tags: [`example:${id.padEnd(12, '0')}`], labels, sizeBytes: 1, createdAtMs: 0, ...rest };
}

function choose(facts: Partial<PruneFacts>, wishes: Partial<PruneWishes> = {}) {
  const runs = facts.runs ?? [];
  const meantRunIds = new Set(runs.map(({ run }) => run.runId));
  const nothing = { containers: [], images: [], imagesInUse: new Set<string>(), cache: [] };
  const kinds = new Set(['runs', 'containers', 'images', 'cache'] as const);
  const choice = choosePrunable(
    { uid, meantRunIds, ...nothing, ...facts, runs },
    { kinds, olderThanMs: 30 * dayMs, keep: 0, nowMs, ...wishes },
  );
  return {
    runs: choice.runs.map(({ run }) => run.runId),
    containers: choice.containers.map(({ runId }) => runId),
    images: choice.images.map(({ id }) => id),
    cache: choice.cache.map(({ path }) => path),
  };
}

describe('a run folder', () => {
  it('goes when it is old, settled and own, and no other does', () => {
    const runs = [
      prunable('20260101-000000-aaaa', 31),
      prunable('20260102-000000-bbbb', 29),
      prunable('20260103-000000-cccc', 90, { isOwn: false }),
      prunable('20260104-000000-dddd', 90, { isSettled: false }),
    ];
    expect(choose({ runs }).runs).toEqual(['20260101-000000-aaaa']);
    expect(choose({ runs }, { kinds: new Set(['images']) }).runs).toEqual([]);
    expect(choose({ runs, meantRunIds: new Set() }).runs).toEqual([]);
  });

  it('stays where it is among the newest of its own experiment', () => {
    const other = storedRun('20260101-000000-eeee');
    const tracking = { ...other.plan!.tracking, experimentName: 'another' };
    const runs = [
      prunable('20260101-000000-aaaa', 90),
      prunable('20260102-000000-bbbb', 80),
      prunable('20260103-000000-cccc', 70, { isOwn: false }),
      prunable('20260101-000000-eeee', 90, { run: storedRun('20260101-000000-eeee', { plan: { tracking } }) }),
      prunable('20260109-000000-ffff', 60, { run: storedRun('20260109-000000-ffff', { plan: null, state: null }) }),
    ];
    expect(choose({ runs }, { keep: 1 }).runs).toEqual(['20260109-000000-ffff', '20260101-000000-aaaa']);
  });
});

describe('a container', () => {
  it('goes when its run is over and it is own; with its run also where runs alone are meant', () => {
    const containers = [
      container('20260101-000000-aaaa'),
      container('20260102-000000-bbbb', { isOver: false }),
      container('20260103-000000-cccc', { isOwn: false }),
    ];
    expect(choose({ containers }).containers).toEqual(['20260101-000000-aaaa']);
    const runs = [prunable('20260101-000000-aaaa', 90)];
    const kinds = new Set(['runs'] as const);
    expect(choose({ containers, runs }, { kinds }).containers).toEqual(['20260101-000000-aaaa']);
    expect(choose({ containers }, { kinds }).containers).toEqual([]);
  });
});

describe('an image', () => {
  it("goes by this user's label alone, when it is old and nothing uses it", () => {
    const images = [
      image('a1'),
      image('a2', { owner: 1001 }),
      image('a3', { labels: { 'slipway.build': 'digest' } }),
      image('a4', { createdAtMs: nowMs - dayMs }),
      image('a5', { labels: { 'slipway.owner': String(uid) } }),
    ];
    expect(choose({ images }).images).toEqual(['a1']);
  });

  it('stays where a kept run, of whichever user, or any container uses it', () => {
    const used = { name: 'example:b1', id: 'b1', recipe: null };
    const byName = { reference: 'example:b20000000000', base: 'debian:12', flavor: 'cpu' } as const;
    const runs = [
      prunable('20260101-000000-aaaa', 1, { run: storedRun('20260101-000000-aaaa', { state: { image: used } }) }),
      prunable('20260102-000000-bbbb', 90, {
        isOwn: false,
        run: storedRun('20260102-000000-bbbb', { plan: { image: byName }, state: null }),
      }),
    ];
    const images = [image('b1'), image('b2'), image('b3'), image('b4')];
    const containers = [container('20260104-000000-dddd', { isOver: false })].map((each) => ({
      ...each,
      container: { ...each.container, imageId: 'b4' },
    }));
    expect(choose({ runs, images, containers, imagesInUse: new Set(['b3', 'b4']) }).images).toEqual([]);
  });

  it('goes with the run and the container that used it last', () => {
    const used = { name: 'example:c1', id: 'c1', recipe: null };
    const runId = '20260101-000000-aaaa';
    const runs = [prunable(runId, 90, { run: storedRun(runId, { state: { image: used } }) })];
    const containers = [container(runId)].map((each) => ({ ...each, container: { ...each.container, imageId: 'c1' } }));
    expect(choose({ runs, containers, images: [image('c1')], imagesInUse: new Set(['c1']) }).images).toEqual(['c1']);
  });

  it('stays where somebody gave it a name, or a kept image is built on it', () => {
    const named = image('d1', { tags: ['example:d10000000000', 'registry.example/team/example:best'] });
    const chain = [
      image('d2'),
      image('d3', { base: 'd2' }),
      image('d4', { base: 'd3', createdAtMs: nowMs }),
      image('d5'),
      image('d6', { base: 'd5', tags: [] }),
    ];
    expect(choose({ images: [named, ...chain] }).images).toEqual(['d5', 'd6']);
  });

  it.each([
    'example:0123456789ab',
    'example:0123456789ab-dirty-0123456789ab-gpu',
    'example:nogit-0123456789ab',
    'slipway-trainer:0.1.0-4a85eade3da0',
  ])('may go by the name it got here: %s', (tag) => {
    expect(choose({ images: [image('e1', { tags: [tag] })] }).images).toEqual(['e1']);
  });
});

it('keeps a cloned project that a kept run was launched from, and what was read lately', () => {
  const cache = (path: string, ageDays: number, isOwn = true) => ({ path, lastUsedMs: nowMs - ageDays * dayMs, isOwn });
  const directory = '/storage/cache/projects/1/abc/folder';
  const run = storedRun('20260101-000000-aaaa', {
    plan: { project: { ...storedRun('20260101-000000-aaaa').plan!.project, directory } },
  });
  const entries = [
    cache('/storage/cache/projects/1/abc', 90),
    cache('/storage/cache/projects/1/abcd', 90),
    cache('/storage/cache/features/f', 5),
    cache('/storage/cache/features/g', 50, false),
  ];
  const runs = [prunable('20260101-000000-aaaa', 1, { run })];
  expect(choose({ runs, cache: entries }).cache).toEqual(['/storage/cache/projects/1/abcd']);
});
