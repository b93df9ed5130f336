import { appendFile, closeSync, fstatSync } from 'node:fs';
import { promisify } from 'node:util';
import type { DockerEngine } from '../docker/index.ts';
import { runPathsOf } from '../runs/paths.ts';
import { openForAppend } from '../util/index.ts';
import type { OutputStarts } from './executor.ts';

const append = promisify(appendFile);

/**
 * Copies a container's output to the run's log files until the container ends. The engine keeps all of it, so what the
 * files already hold is skipped by its length: nothing is lost or doubled, whoever began the copy.
 * What earlier attempts of the run wrote lies before `starts`. Throws CannotWriteError where the program has put something else in a log's place.
 */
export async function copyOutput(
  engine: DockerEngine,
  containerId: string,
  runDirectory: string,
  signal: AbortSignal,
  starts: OutputStarts = { stdout: 0, stderr: 0 },
): Promise<void> {
  const paths = runPathsOf(runDirectory);
  const descriptors: number[] = [];
  const sink = (path: string, start: number): ((chunk: Buffer) => Promise<void>) => {
    const descriptor = openForAppend(path);
    descriptors.push(descriptor);
    let toSkip = Math.max(0, fstatSync(descriptor).size - start);
    return async (chunk) => {
      const fresh = chunk.subarray(Math.min(toSkip, chunk.length));
      toSkip -= chunk.length - fresh.length;
      if (fresh.length > 0) await append(descriptor, fresh);
    };
  };
  try {
    const sinks = { stdout: sink(paths.stdoutLog, starts.stdout), stderr: sink(paths.stderrLog, starts.stderr) };
    await engine.containerLogs(containerId, { ...sinks, follow: true, signal });
  } finally {
    for (const descriptor of descriptors) closeSync(descriptor);
  }
}
