import { z } from 'zod';
import type {
  ByteCounters,
  ContainerStats,
  ContainerStatus,
  ContainerSummary,
  EngineInfo,
  ImageDetails,
} from './types.ts';

const bytesPerMiB = 1024 * 1024;
const labels = z.record(z.string(), z.string()).nullish();

export const infoAnswer = z.object({
  ServerVersion: z.string(),
  OperatingSystem: z.string().nullish(),
  Architecture: z.string().nullish(),
  Runtimes: z.record(z.string(), z.unknown()).nullish(),
  DockerRootDir: z.string().nullish(),
  NCPU: z.number().nullish(),
  MemTotal: z.number().nullish(),
  SecurityOptions: z.array(z.string()).nullish(),
});
export const versionAnswer = z.object({ ApiVersion: z.string() });
export const imageAnswer = z.object({
  Id: z.string(),
  RepoTags: z.array(z.string()).nullish(),
  Created: z.string().nullish(),
  Size: z.number(),
  Architecture: z.string().nullish(),
  Config: z
    .object({
      Labels: labels,
      User: z.string().nullish(),
      WorkingDir: z.string().nullish(),
      Env: z.array(z.string()).nullish(),
    })
    .nullish(),
});
export const imageListAnswer = z.array(
  z.object({
    Id: z.string(),
    RepoTags: z.array(z.string()).nullish(),
    Labels: labels,
    Size: z.number(),
    Created: z.number(),
  }),
);
export const createdAnswer = z.object({ Id: z.string() });
export const waitAnswer = z.object({
  StatusCode: z.number(),
  Error: z.object({ Message: z.string().nullish() }).nullish(),
});
export const containerAnswer = z.object({
  Id: z.string(),
  Name: z.string(),
  Image: z.string(),
  Config: z.object({ Image: z.string(), Labels: labels, Env: z.array(z.string()).nullish() }),
  State: z.object({
    Status: z.enum(['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']),
    ExitCode: z.number(),
    OOMKilled: z.boolean(),
    Error: z.string().nullish(),
    StartedAt: z.string(),
    FinishedAt: z.string(),
  }),
});
export const containerListAnswer = z.array(
  z.object({
    Id: z.string(),
    Names: z.array(z.string()).nullish(),
    Image: z.string(),
    ImageID: z.string(),
    Labels: labels,
    State: z.string(),
    Created: z.number(),
  }),
);
export const statsAnswer = z.object({
  cpu_stats: z.object({
    cpu_usage: z.object({ total_usage: z.number(), percpu_usage: z.array(z.number()).nullish() }),
    online_cpus: z.number().nullish(),
  }),
  memory_stats: z.object({
    usage: z.number().nullish(),
    limit: z.number().nullish(),
    stats: z.record(z.string(), z.number()).nullish(),
  }),
  pids_stats: z.object({ current: z.number().nullish() }).nullish(),
  networks: z.record(z.string(), z.object({ rx_bytes: z.number(), tx_bytes: z.number() })).nullish(),
  blkio_stats: z
    .object({ io_service_bytes_recursive: z.array(z.object({ op: z.string(), value: z.number() })).nullish() })
    .nullish(),
});

/** The engine writes the year 1 for a time that has not come. */
function timeMs(text: string): number | null {
  const value = Date.parse(text);
  return Number.isNaN(value) || value <= 0 ? null : value;
}

export function toEngineInfo(info: z.infer<typeof infoAnswer>, apiVersion: string): EngineInfo {
  return {
    version: info.ServerVersion,
    apiVersion,
    operatingSystem: info.OperatingSystem ?? '',
    architecture: info.Architecture ?? '',
    runtimes: Object.keys(info.Runtimes ?? {}),
    rootDirectory: info.DockerRootDir ?? '',
    cpus: info.NCPU ?? 0,
    memoryMiB: Math.floor((info.MemTotal ?? 0) / bytesPerMiB),
    isRootless: (info.SecurityOptions ?? []).some((option) => option.split(',').includes('name=rootless')),
  };
}

export function toImageDetails(image: z.infer<typeof imageAnswer>): ImageDetails {
  return {
    id: image.Id,
    tags: image.RepoTags ?? [],
    labels: image.Config?.Labels ?? {},
    sizeBytes: image.Size,
    createdAtMs: timeMs(image.Created ?? '') ?? 0,
    architecture: image.Architecture ?? '',
    user: image.Config?.User ?? '',
    workingDirectory: image.Config?.WorkingDir ?? '',
    environment: image.Config?.Env ?? [],
  };
}

export function toContainerSummary(container: z.infer<typeof containerListAnswer>[number]): ContainerSummary {
  return {
    id: container.Id,
    name: (container.Names?.[0] ?? '').replace(/^\//, ''),
    image: container.Image,
    imageId: container.ImageID,
    labels: container.Labels ?? {},
    state: container.State,
    createdAtMs: container.Created * 1000,
  };
}

export function toContainerStatus(container: z.infer<typeof containerAnswer>): ContainerStatus {
  const { State: state } = container;
  const startedAtMs = timeMs(state.StartedAt);
  const finishedAtMs = timeMs(state.FinishedAt);
  return {
    id: container.Id,
    name: container.Name.replace(/^\//, ''),
    image: container.Config.Image,
    imageId: container.Image,
    labels: container.Config.Labels ?? {},
    environment: container.Config.Env ?? [],
    state: state.Status,
    exitCode: state.ExitCode,
    outOfMemory: state.OOMKilled,
    error: state.Error ? state.Error : null,
    startedAtMs,
    // Two processes take these times: a very short program may have ended a millisecond before it began.
    finishedAtMs: finishedAtMs === null ? null : Math.max(finishedAtMs, startedAtMs ?? 0),
  };
}

const nanosecondsPerSecond = 1e9;

/** As `docker stats` computes them. Null of a container that does not run: the engine answers with zeros. */
export function toContainerStats(stats: z.infer<typeof statsAnswer>): ContainerStats | null {
  const { cpu_stats: cpu, memory_stats: memory } = stats;
  if (memory.usage == null && cpu.cpu_usage.total_usage === 0) return null;
  // Version 1 of control groups counts the group's own and, as `total_…`, all below it; version 2 has one count of all.
  const cache = memory.stats?.total_inactive_file ?? memory.stats?.inactive_file ?? 0;
  const usage = memory.usage ?? 0;
  return {
    cpuSeconds: cpu.cpu_usage.total_usage / nanosecondsPerSecond,
    cpus: cpu.online_cpus || cpu.cpu_usage.percpu_usage?.length || 1,
    memoryBytes: cache < usage ? usage - cache : usage,
    memoryLimitBytes: memory.limit ?? 0,
    processes: stats.pids_stats?.current ?? 0,
    network: networkOf(stats),
    blockIo: blockIoOf(stats),
  };
}

function networkOf({ networks }: z.infer<typeof statsAnswer>): ByteCounters | null {
  const interfaces = Object.values(networks ?? {});
  if (interfaces.length === 0) return null;
  return {
    inBytes: sum(interfaces.map((each) => each.rx_bytes)),
    outBytes: sum(interfaces.map((each) => each.tx_bytes)),
  };
}

/** The operations are `Read`, `Write`, … in version 1 of control groups, `read` and `write` in version 2. */
function blockIoOf({ blkio_stats: blockIo }: z.infer<typeof statsAnswer>): ByteCounters | null {
  const entries = blockIo?.io_service_bytes_recursive;
  if (entries == null || entries.length === 0) return null;
  const of = (name: string): number =>
    sum(entries.filter(({ op }) => op.toLowerCase() === name).map(({ value }) => value));
  return { inBytes: of('read'), outBytes: of('write') };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
