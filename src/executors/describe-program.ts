import type { ContainerOptions } from '../docker/index.ts';

/** How a container is made, for someone who asks; of its variables the names alone. */
export function describeContainer(options: ContainerOptions, command: string, isStrict: boolean): string {
  const { cpus, memoryMiB, shmMiB, pids } = options;
  const rights = isStrict ? 'read-only root, no capabilities, no new privileges' : 'writable root, no new privileges';
  const limits = [
    `processors ${cpus ?? 'all'}`,
    `memory ${memoryMiB === null || memoryMiB === undefined ? 'all' : `${memoryMiB} MiB`}`,
    `/dev/shm ${shmMiB === null || shmMiB === undefined ? "the engine's default" : `${shmMiB} MiB`}`,
    `processes ${pids ?? 'any number'}`,
    `GPUs ${options.gpus ?? 'none'}`,
  ];
  const mounts = (options.mounts ?? []).map(({ source, target, readOnly, sizeMiB }) => {
    const from = source ?? (sizeMiB === undefined ? 'empty' : `empty, ${sizeMiB} MiB`);
    return `${target} (${from}${readOnly === true ? ', read-only' : ''})`;
  });
  return [
    `Container ${options.name}, as user ${options.user}: ${rights}.`,
    `Command: ${command}`,
    `Mounts: ${mounts.join(', ')}`,
    `Limits: ${limits.join(', ')}; network ${options.network ?? 'bridge'}`,
    `Variables: ${variableNames(options.environment ?? {})}`,
  ].join('\n');
}

/** How a program is started on the host, for someone who asks; of its variables the names alone. */
export function describeProcess(
  directory: string,
  command: string,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  return [
    `Process of this user in ${directory}: no isolation, no limits.`,
    `Command: ${command}`,
    `Variables beside those of this shell: ${variableNames(environment)}`,
  ].join('\n');
}

function variableNames(environment: Readonly<Record<string, string | undefined>>): string {
  return Object.keys(environment).sort().join(', ') || 'none';
}
