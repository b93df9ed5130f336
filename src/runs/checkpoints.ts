import { readdirSync } from 'node:fs';
import { runPathsOf } from './paths.ts';

/** Whether a program has left checkpoints in its run folder, from which it can go on. */
export function hasCheckpoints(runDirectory: string): boolean {
  try {
    // What begins with a dot, or ends so, is not whole yet.
    return readdirSync(runPathsOf(runDirectory).checkpoints).some((name) => !/^\.|\.(?:part|tmp)$/.test(name));
  } catch {
    // A hint that cannot be checked is not worth an error.
    return false;
  }
}
