import { appendFile, closeSync, fstatSync } from 'node:fs';
import { promisify } from 'node:util';
import type { DockerEngine } from '../docker/index.ts';
import { runPathsOf } from '../runs/paths.ts';
import { openForAppend } from '../util/index.ts';

const append = promisify(appendFile);

/**
 * Copies a container's output to the run's log files until the container ends. The engine keeps all of it, so what the
 * files already hold is skipped by its length: nothing is lost or doubled, whoever began the copy.
 * Throws CannotWriteError where the program has put something else in a log's place.
 */
export async function copyOutput(
  engine: DockerEngine,
  containerId: string,
  runDirectory: string,
  signal: AbortSignal,
): Promise<void> {
  const paths = runPathsOf(runDirectory);
  const descriptors: number[] = [];
  const sink = (path: string): ((chunk: Buffer) => Promise<void>) => {
    const descriptor = openForAppend(path);
    descriptors.push(descriptor);
    let toSkip = fstatSync(descriptor).size;
    return async (chunk) => {
      const fresh = chunk.subarray(Math.min(toSkip, chunk.length));
      toSkip -= chunk.length - fresh.length;
      if (fresh.length > 0) await append(descriptor, fresh);
    };
  };
  try {
    const sinks = { stdout: sink(paths.stdoutLog), stderr: sink(paths.stderrLog) };
    await engine.containerLogs(containerId, { ...sinks, follow: true, signal });
  } finally {
    for (const descriptor of descriptors) closeSync(descriptor);
  }
}
