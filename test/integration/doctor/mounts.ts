import { execFileSync, spawn } from 'node:child_process';
import { skip, type TemporaryDirectory, temporaryDirectory } from '../../support/index.ts';

const longestFreezeS = 30;

/** A folder at which something is mounted until its scope ends. */
export interface MountedFolder extends AsyncDisposable {
  readonly path: string;
}

/** Mounts an empty file system in memory; `options` as for `mount -o`. Skips the test where one may not mount. */
export function mountTmpfs(options: string): Promise<MountedFolder> {
  return mounted((path) => [['mount', '-t', 'tmpfs', '-o', options, 'tmpfs', path]]);
}

/** Mounts a folder at another place, read-only. */
export function mountReadOnly(source: string): Promise<MountedFolder> {
  return mounted((path) => [
    ['mount', '--bind', source, path],
    ['mount', '-o', 'remount,ro,bind', path],
  ]);
}

/** Mounts a file system whose writes hang until its scope ends. */
export async function mountFrozen(): Promise<MountedFolder> {
  const folder = await temporaryDirectory();
  const image = folder.join('image');
  execFileSync('truncate', ['--size', '32M', image]);
  attempt(['mkfs.ext4', '-q', image]);
  const mount = await mounted((path) => [['mount', '-o', 'loop', image, path]], folder);
  // A file system that nobody thaws would hold up the whole machine: it is thawed also where the test is killed.
  const thaw = spawn('sh', ['-c', `sleep ${longestFreezeS}; fsfreeze --unfreeze "$1"`, 'sh', mount.path], {
    detached: true,
    stdio: 'ignore',
  });
  thaw.unref();
  const dispose = async (): Promise<void> => {
    process.kill(-(thaw.pid as number));
    await mount[Symbol.asyncDispose]();
  };
  try {
    attempt(['fsfreeze', '--freeze', mount.path]);
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    path: mount.path,
    [Symbol.asyncDispose]: async () => {
      execFileSync('fsfreeze', ['--unfreeze', mount.path]);
      await dispose();
    },
  };
}

async function mounted(
  commands: (path: string) => readonly (readonly string[])[],
  beside?: TemporaryDirectory,
): Promise<MountedFolder> {
  const folder = await temporaryDirectory();
  let mounts = 0;
  const dispose = async (): Promise<void> => {
    // Lazily: a process that was killed may hold it for a moment longer.
    if (mounts > 0) execFileSync('umount', ['--lazy', folder.path]);
    await folder.remove();
    await beside?.remove();
  };
  try {
    for (const command of commands(folder.path)) {
      attempt(command);
      mounts += 1;
    }
  } catch (error) {
    await dispose();
    throw error;
  }
  return { path: folder.path, [Symbol.asyncDispose]: dispose };
}

function attempt([program = '', ...words]: readonly string[]): void {
  try {
    execFileSync(program, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    skip(`${program} is not permitted here: ${String((error as { stderr?: unknown }).stderr ?? error).trim()}`);
  }
}
