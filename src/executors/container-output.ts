import { open } from 'node:fs/promises';
import type { DockerEngine } from '../docker/index.ts';
import { runPathsOf } from '../runs/paths.ts';

/**
 * Copies a container's output to the run's log files until the container ends. The engine keeps all of it, so what the
 * files already hold is skipped by its length: nothing is lost or doubled, whoever began the copy.
 */
export async function copyOutput(
  engine: DockerEngine,
  containerId: string,
  runDirectory: string,
  signal: AbortSignal,
): Promise<void> {
  const paths = runPathsOf(runDirectory);
  await using stdout = await open(paths.stdoutLog, 'a');
  await using stderr = await open(paths.stderrLog, 'a');
  const append = async (file: typeof stdout): Promise<(chunk: Buffer) => Promise<void>> => {
    let toSkip = (await file.stat()).size;
    return async (chunk) => {
      const fresh = chunk.subarray(Math.min(toSkip, chunk.length));
      toSkip -= chunk.length - fresh.length;
      if (fresh.length > 0) await file.appendFile(fresh);
    };
  };
  await engine.containerLogs(containerId, {
    stdout: await append(stdout),
    stderr: await append(stderr),
    follow: true,
    signal,
  });
}
