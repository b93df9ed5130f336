import { isAbsolute, join, resolve } from 'node:path';
import type { ContainerOptions, Mount } from '../docker/index.ts';
import { UsageError } from '../errors.ts';
import type { RunPlan } from '../runs/plan.ts';
import { secretsVariable } from './secrets-folder.ts';
import { shellCommand } from './shell-command.ts';

/** Labels of every container of a run. */
export const containerLabels = {
  run: 'slipway.run',
  attempt: 'slipway.attempt',
  owner: 'slipway.owner',
  project: 'slipway.project',
  /** The storage folder on the machine that launched it, in which the run folder lies. */
  storage: 'slipway.storage',
} as const;

/** Where the storage lies inside every container. */
export const storageTarget = '/storage';

/** Where a program in a container finds its secrets, a file each. */
export const secretsTarget = '/run/secrets';

const usualTemporaryMiB = 1024;

/** What the container is made of. */
export interface ContainerFacts {
  readonly imageId: string;
  /** True for images of ours, whose programs need nothing but /storage and /tmp. */
  readonly isStrict: boolean;
  readonly environment: Readonly<Record<string, string>>;
  /** Number of the group that keeps the storage, whose files the program may then read as its user does; null for none. */
  readonly storageGroup?: number | null;
}

/** The name of a run's container: one an attempt, so that a second one cannot be made. */
export function containerName({ runId, attempt }: Pick<RunPlan, 'runId' | 'attempt'>): string {
  return `slipway-${runId}${attempt === 1 ? '' : `-${attempt}`}`;
}

/**
 * Draws up the container of a run: a pure function of the plan.
 * Throws UsageError for a volume that is not written as `source:target[:ro]`.
 */
export function containerOptions(plan: RunPlan, facts: ContainerFacts): ContainerOptions {
  const { limits } = plan;
  const temporary: Mount[] = facts.isStrict
    ? [{ source: null, target: '/tmp', sizeMiB: temporaryMiB(limits.memoryMiB) }]
    : [];
  return {
    name: containerName(plan),
    image: facts.imageId,
    entrypoint: [],
    command: ['/bin/sh', '-c', shellCommand(plan.project.command)],
    user: `${plan.owner.uid}:${plan.owner.gid}`,
    ...(facts.storageGroup == null ? {} : { groups: [facts.storageGroup] }),
    environment: {
      // The caller's uid has no entry in the image's password file: these answer what programs look up there.
      HOME: '/tmp',
      USER: plan.owner.name,
      ...(plan.gpus === null ? {} : { NVIDIA_DRIVER_CAPABILITIES: 'compute,utility' }),
      ...facts.environment,
      SLIPWAY_RUN_DIR: `${storageTarget}/runs/${plan.runId}`,
      SLIPWAY_STORAGE: storageTarget,
      ...(Object.keys(plan.secretFiles).length === 0 ? {} : { [secretsVariable]: secretsTarget }),
      // docker-init hands signals to all processes of the command, not to its shell alone.
      TINI_KILL_PROCESS_GROUP: '1',
    },
    labels: {
      [containerLabels.run]: plan.runId,
      [containerLabels.attempt]: String(plan.attempt),
      [containerLabels.owner]: String(plan.owner.uid),
      [containerLabels.project]: plan.project.name,
      [containerLabels.storage]: plan.storage.directory,
    },
    mounts: [
      { source: plan.storage.directory, target: storageTarget },
      // The embedded server's database and artifacts are nothing a training program should reach.
      { source: null, target: `${storageTarget}/mlflow`, readOnly: true },
      ...temporary,
      ...plan.project.volumes.map((volume) => parseVolume(volume, plan.project.directory)),
      ...Object.entries(plan.secretFiles).map(([name, source]) => ({
        ...{ source, target: `${secretsTarget}/${name}`, readOnly: true },
      })),
    ],
    readOnlyRoot: facts.isStrict,
    unprivileged: facts.isStrict,
    noNewPrivileges: true,
    init: true,
    // Foreign programs log by themselves: a server on this machine's loopback is out of reach from a network of their own.
    ...(!facts.isStrict && isLoopback(facts.environment.MLFLOW_TRACKING_URI) ? { network: 'host' } : {}),
    gpus: plan.gpus,
    cpus: limits.cpus,
    memoryMiB: limits.memoryMiB,
    shmMiB: limits.shmMiB,
    pids: limits.pids,
  };
}

/** What /tmp may hold. It lies in memory: the program must have some left, and the machine too where there is no limit. */
function temporaryMiB(memoryMiB: number | null): number {
  return memoryMiB === null ? usualTemporaryMiB : Math.max(1, Math.floor(memoryMiB / 2));
}

/** A volume of `docker_env.volumes`; a relative source lies in the project's folder, a bare name is a named volume. */
export function parseVolume(text: string, projectDirectory: string): Mount {
  const [source, target, mode, ...rest] = text.split(':');
  if (!source || !target || !isAbsolute(target) || rest.length > 0 || !['rw', 'ro', undefined].includes(mode)) {
    throw new UsageError(
      `The MLproject's volume "${text}" is not understood: expected source:/target or source:/target:ro.`,
    );
  }
  const isName = /^\w[\w.-]*$/.test(source);
  return {
    source: isName ? source : isAbsolute(source) ? source : resolve(join(projectDirectory, source)),
    target,
    readOnly: mode === 'ro',
  };
}

/** True for an address that only this machine itself reaches. */
export function isLoopback(uri: string | undefined): boolean {
  if (uri === undefined || !URL.canParse(uri)) return false;
  const { hostname, protocol } = new URL(uri);
  if (protocol !== 'http:' && protocol !== 'https:') return false;
  return (
    hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.') || hostname.endsWith('.localhost')
  );
}
