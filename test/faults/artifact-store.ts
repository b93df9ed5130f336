import { join } from 'node:path';
import type { FaultRow } from './support/row.ts';
import type { Scene } from './support/scene.ts';
import { cannotMount, mountSmallDisk, type SmallDisk } from './support/small-disk.ts';

const disks = new WeakMap<Scene, SmallDisk>();

/** The server keeps its artifacts on a disk of their own. */
async function smallArtifactStore(scene: Scene): Promise<void> {
  const disk = await mountSmallDisk(scene.folder.join('disk.img'), join(scene.server.directory, 'artifacts'), 16);
  disks.set(scene, disk);
  scene.cleanups.push(() => disk.remove());
}

/** Does something to that disk before the first artifact is sent. */
function toDisk(act: (disk: SmallDisk) => void): NonNullable<FaultRow['act']> {
  return async (scene) => {
    await scene.written(6);
    const disk = disks.get(scene);
    if (disk === undefined) throw new Error('the row has no disk of its own');
    act(disk);
  };
}

const usual = {
  engine: 'host',
  isQuick: false,
  ownServer: true,
  cannot: cannotMount,
  parameters: { epochs: 20, epoch_ms: 100 },
  values: 40,
  prepare: smallArtifactStore,
  // A plain 500 is tried for more than a minute.
  options: ['--drain-timeout', '300'],
  refusesArtifact: /./,
  ends: { status: 'FINISHED', exitCode: 75, tags: { 'slipway.incomplete': /weights-10\.bin/ } },
  told: [/incomplete|refused/i, /weights-10\.bin/],
  patienceSeconds: 600,
} as const satisfies Partial<FaultRow>;

export const artifactStoreRows: readonly FaultRow[] = [
  {
    ...usual,
    name: 'server-artifacts-read-only',
    fault: 'server: artifact store read-only',
    promise:
      'All values arrive, the status is the true one, and the tag slipway.incomplete names the files that are missing.',
    act: toDisk((disk) => disk.breakDown()),
  },
  {
    ...usual,
    name: 'server-artifacts-full',
    fault: 'server: artifact store full',
    promise:
      'All values arrive, the status is the true one, and the tag slipway.incomplete names the files that are missing.',
    act: toDisk((disk) => disk.fill()),
  },
];
