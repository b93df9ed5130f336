import { execFile, execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { errorCode } from '../../../src/errors.ts';

const run = promisify(execFile);

/** Why no disk of a row's own can be had here, or null. */
export function cannotMount(): string | null {
  if (process.getuid?.() !== 0) return 'only root can mount a disk of its own';
  try {
    execFileSync('losetup', ['--find'], { stdio: 'ignore' });
    execFileSync('mkfs.ext4', ['-V'], { stdio: 'ignore' });
    return null;
  } catch {
    return 'there is no loop device, or no mkfs.ext4, for a disk of its own';
  }
}

/** A real file system of some MiB, in a file. */
export interface SmallDisk {
  /** Fills it from outside to its last byte. */
  fill(): void;
  /** Takes away what fills it. */
  free(): void;
  /** Makes the kernel see an error on it, so that it becomes read-only under whoever writes: nothing asks before. */
  breakDown(): void;
  remove(): Promise<void>;
}

/** Mounts a disk at a folder. */
export async function mountSmallDisk(image: string, folder: string, sizeMiB: number): Promise<SmallDisk> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(image, '');
  await run('truncate', ['--size', `${sizeMiB}M`, image]);
  // Without reserved blocks: full is full for root, too.
  await run('mkfs.ext4', ['-q', '-F', '-m', '0', image]);
  await run('mount', ['-o', 'loop,errors=remount-ro', image, folder]);
  rmSync(join(folder, 'lost+found'), { recursive: true, force: true });
  const ballast = join(folder, 'ballast');
  return {
    fill: () => fill(ballast),
    free: () => rmSync(ballast, { force: true }),
    breakDown() {
      const device = basename(execFileSync('findmnt', ['-no', 'SOURCE', folder], { encoding: 'utf8' }).trim());
      writeFileSync(`/sys/fs/ext4/${device}/trigger_fs_error`, 'fault table');
    },
    async remove() {
      await run('umount', ['--lazy', folder]);
      rmSync(image, { force: true });
    },
  };
}

function fill(file: string): void {
  const descriptor = openSync(file, 'a');
  try {
    for (let size = 1024 * 1024; size >= 1; ) {
      try {
        writeSync(descriptor, Buffer.alloc(size));
      } catch (error) {
        if (errorCode(error) !== 'ENOSPC') throw error;
        size = Math.floor(size / 2);
      }
    }
  } finally {
    closeSync(descriptor);
  }
}
