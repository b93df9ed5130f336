import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runPathsOf } from './paths.ts';

/** What an agent alone writes beside its target before it renames it (`atomicWriteFile`), or to see whether it can write. */
const ofAgent = /^\.(state\.json|probe)\..*\.tmp$/;
const ofStream = /^\..*\.tmp$/;

/**
 * Removes what an agent that was killed while it wrote has left in the run's folder. Only for who has the run's lock: of
 * anybody else it may be under way.
 */
export async function removeUnfinished(runDirectory: string): Promise<void> {
  const places = [
    { folder: runDirectory, pattern: ofAgent },
    { folder: runPathsOf(runDirectory).sync, pattern: ofStream },
  ];
  for (const { folder, pattern } of places) {
    // A folder that is missing holds nothing, and one that cannot be written keeps nobody from taking a run over.
    const names = await readdir(folder).catch((): string[] => []);
    for (const name of names.filter((each) => pattern.test(each)))
      await rm(join(folder, name), { force: true }).catch(() => undefined);
  }
}
