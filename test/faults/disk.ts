import { renameSync, rmSync } from 'node:fs';
import type { FaultRow } from './support/row.ts';
import type { Scene } from './support/scene.ts';
import { cannotMount, mountSmallDisk, type SmallDisk } from './support/small-disk.ts';

const disks = new WeakMap<Scene, SmallDisk>();

/** Puts the storage on a disk of its own. */
async function smallStorage(scene: Scene): Promise<void> {
  const disk = await mountSmallDisk(scene.folder.join('disk.img'), scene.storage, 32);
  disks.set(scene, disk);
  scene.cleanups.push(() => disk.remove());
}

function diskOf(scene: Scene): SmallDisk {
  const disk = disks.get(scene);
  if (disk === undefined) throw new Error('the row has no disk of its own');
  return disk;
}

const usual = { engine: 'host', isQuick: false, parameters: { epochs: 60, epoch_ms: 100 } } as const;

/** Epochs that are on the server before the folder is deleted; what comes later may be lost with it. */
const epochsBefore = 3;

export const diskRows: readonly FaultRow[] = [
  {
    ...usual,
    name: 'disk-full',
    fault: 'disk: storage full in mid-epoch',
    promise: 'FAILED, and the reason says that the disk is full; everything written before is on the server.',
    cannot: cannotMount,
    prepare: smallStorage,
    async act(scene) {
      await scene.written(6);
      diskOf(scene).fill();
      scene.faultOverMs = Date.now();
      await scene.settled();
      diskOf(scene).free();
    },
    ends: { status: 'FAILED', reason: /full|no space left/i },
    told: [/full|no space left/i],
  },
  {
    ...usual,
    name: 'disk-read-only',
    fault: 'disk: storage becomes read-only in mid-epoch',
    promise:
      'FAILED, and the reason says that the storage cannot be written; everything written before is on the server.',
    cannot: cannotMount,
    prepare: smallStorage,
    async act(scene) {
      await scene.written(6);
      diskOf(scene).breakDown();
    },
    ends: { status: 'FAILED', exitCode: 73, reason: /read-only/, isFolderLost: true },
    told: [/read-only|could not take how/],
  },
  {
    ...usual,
    name: 'disk-run-folder-deleted',
    fault: 'disk: run folder deleted in mid-run',
    promise: 'FAILED, and the reason says that the folder was deleted; all that had been sent stays on the server.',
    isQuick: true,
    async act(scene) {
      const directory = await scene.runDirectory();
      await scene.arrived(2 * epochsBefore);
      // Out of the way at once: nothing is written to it between the copy that is kept here and its end.
      const gone = scene.folder.join('deleted');
      renameSync(directory, gone);
      scene.keep(directory, gone);
      rmSync(gone, { recursive: true });
    },
    refuses: ({ step }) => Number(step) > epochsBefore,
    refusesArtifact: /./,
    ends: { status: 'FAILED', reason: /folder.*(deleted|removed|gone)/i },
    told: [/folder.*(deleted|removed|gone)/i, /→/],
  },
];
