import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DockerEngine } from '../../src/docker/index.ts';
import { carryOutPrune, findRunContainers, planPrune } from '../../src/machine/index.ts';
import { requireDocker, type TemporaryDirectory, temporaryDirectory } from '../support/index.ts';
import { plainEnvironment } from '../support/plain-environment.ts';

// The engine is shared: plans are looked at as a whole, and only what was made here is carried out.

const never = new AbortController().signal;
const uid = process.getuid?.() ?? 0;
const otherUid = uid + 12_345;
const tag = (name: string): string => `slipway-test-prune-${process.pid}-${name}:0123456789ab`;
const runIds = { own: '20260101-000000-aaaa', others: '20260101-000000-bbbb', unknown: '20260101-000000-cccc' };

let engine: DockerEngine;
let storage: TemporaryDirectory;
const containers: string[] = [];

beforeAll(async () => {
  engine = await requireDocker();
  storage = await temporaryDirectory();
  mkdirSync(storage.join('runs'));
  await importImage('own', uid);
  await importImage('others', otherUid);
  await importImage('used', uid);
  await makeContainer(runIds.own, uid, storage.path);
  await makeContainer(runIds.others, otherUid, storage.path);
  await makeContainer(runIds.unknown, uid, null);
});

afterAll(async () => {
  for (const id of containers) await engine?.removeContainer(id);
  for (const name of ['own', 'others', 'used']) await engine?.removeImage(tag(name));
  await storage?.remove();
});

/** A small image with the labels of one that a run was started from. */
async function importImage(name: string, owner: number): Promise<void> {
  writeFileSync(storage.join('file'), name);
  const tar = spawn('tar', ['-C', storage.path, '-cf', '-', 'file'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(tar, 'close');
  const changes = [`LABEL slipway.owner=${owner} slipway.build=${name} slipway.project=prune`, 'CMD ["/file"]'];
  await engine.importImage(tar.stdout, tag(name), { changes });
  await ended;
}

/** A container of a run whose folder is gone; it has not run, and so is at no work. */
async function makeContainer(runId: string, owner: number, directory: string | null): Promise<void> {
  const labels = { 'slipway.run': runId, 'slipway.owner': String(owner) };
  const id = await engine.createContainer({
    name: `slipway-test-prune-${process.pid}-${runId}`,
    image: tag('used'),
    labels: { ...labels, ...(directory === null ? {} : { 'slipway.storage': directory }) },
  });
  containers.push(id);
}

async function plan(kind: 'images' | 'containers') {
  const found = await findRunContainers(plainEnvironment(), never);
  const scope = { storages: [storage.path], known: [], isOnly: false, found };
  return planPrune(scope, { kinds: new Set([kind]), olderThanMs: 0, keep: 0, nowMs: Date.now() + 1000 });
}

it("an image of this user's that nothing uses goes; one of another user's, or of a container, stays", async () => {
  const items = await plan('images');
  const ours = items.filter(({ id }) => id.startsWith(`slipway-test-prune-${process.pid}-`));
  expect(ours.map(({ id }) => id)).toEqual([tag('own')]);
  const { removed, kept } = await carryOutPrune(ours, never);
  expect([removed.length, kept]).toEqual([1, []]);
  expect(await engine.inspectImage(tag('own'))).toBeNull();
  expect(await engine.inspectImage(tag('others'))).not.toBeNull();
});

it('an image that has come to be used since the plan was made stays, and why is told', async () => {
  await importImage('own', uid);
  const ours = (await plan('images')).filter(({ id }) => id === tag('own'));
  const id = await engine.createContainer({ image: tag('own') });
  containers.push(id);
  const { removed, kept } = await carryOutPrune(ours, never);
  expect(removed).toEqual([]);
  expect(kept[0]?.reason).toContain('container');
  expect(await engine.inspectImage(tag('own'))).not.toBeNull();
});

it("a container of this user's whose run folder is gone goes; another user's stays, and one that tells no storage", async () => {
  const items = await plan('containers');
  const ours = items.filter(({ id }) => id.startsWith(`slipway-test-prune-${process.pid}-`));
  expect(ours.map(({ name }) => name)).toEqual([runIds.own]);
  expect((await carryOutPrune(ours, never)).removed).toHaveLength(1);
  const left = await findRunContainers(plainEnvironment(), never);
  const names = left.containers.map(({ runId }) => runId);
  expect(names).not.toContain(runIds.own);
  expect(names).toEqual(expect.arrayContaining([runIds.others, runIds.unknown]));
});
