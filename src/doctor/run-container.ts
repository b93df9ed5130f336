import { randomBytes } from 'node:crypto';
import type { ContainerOptions, DockerEngine } from '../docker/index.ts';
import type { DoctorContext } from './context.ts';

/** Carried by every container of the doctor. */
const label = 'slipway.doctor';
const removalTimeoutMs = 15_000;

export interface ContainerEnd {
  readonly exitCode: number;
  /** Both streams, in the order in which they came. */
  readonly output: string;
}

/**
 * Runs a command in a container that has as little as those of our own programs have, to its end, and removes it
 * whatever happens. Rejects as the engine does, and with the signal's reason.
 */
export async function runContainer(
  engine: DockerEngine,
  options: Pick<ContainerOptions, 'image' | 'command' | 'environment' | 'mounts' | 'network' | 'gpus'>,
  { user }: DoctorContext,
  signal: AbortSignal,
): Promise<ContainerEnd> {
  // By its name it is found and removed also where the answer to its making never came.
  const name = `slipway-doctor-${randomBytes(6).toString('hex')}`;
  try {
    const id = await engine.createContainer({
      ...options,
      name,
      entrypoint: [],
      user: `${user.uid}:${user.gid}`,
      environment: { HOME: '/tmp', ...options.environment },
      labels: { [label]: 'true' },
      mounts: [{ source: null, target: '/tmp', sizeMiB: 256 }, ...(options.mounts ?? [])],
      readOnlyRoot: true,
      unprivileged: true,
      init: true,
      pids: 4096,
      signal,
    });
    await engine.startContainer(id, { signal });
    const exitCode = await engine.waitContainer(id, { signal });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
    };
    await engine.containerLogs(id, { stdout: keep, stderr: keep, signal });
    return { exitCode, output: output.trim() };
  } finally {
    await engine.removeContainer(name, { signal: AbortSignal.timeout(removalTimeoutMs) });
  }
}
