import { z } from 'zod';
import type { ContainerStats, ContainerStatus, ContainerSummary, EngineInfo, ImageDetails } from './types.ts';

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
const cpuReading = z.object({
  cpu_usage: z.object({ total_usage: z.number() }),
  system_cpu_usage: z.number().nullish(),
  online_cpus: z.number().nullish(),
});
export const statsAnswer = z.object({
  cpu_stats: cpuReading,
  precpu_stats: cpuReading,
  memory_stats: z.object({
    usage: z.number().nullish(),
    limit: z.number().nullish(),
    stats: z.record(z.string(), z.number()).nullish(),
  }),
  pids_stats: z.object({ current: z.number().nullish() }).nullish(),
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

/** As `docker stats` computes them: the share of all CPUs since the last reading, and memory less the page cache. */
export function toContainerStats(stats: z.infer<typeof statsAnswer>): ContainerStats {
  const { cpu_stats: now, precpu_stats: before, memory_stats: memory } = stats;
  const used = now.cpu_usage.total_usage - before.cpu_usage.total_usage;
  const passed = (now.system_cpu_usage ?? 0) - (before.system_cpu_usage ?? 0);
  const cache = memory.stats?.inactive_file ?? memory.stats?.total_inactive_file ?? 0;
  return {
    cpuPercent: passed > 0 ? (used / passed) * (now.online_cpus ?? 1) * 100 : 0,
    memoryMiB: Math.max(0, (memory.usage ?? 0) - cache) / bytesPerMiB,
    memoryLimitMiB: (memory.limit ?? 0) / bytesPerMiB,
    processes: stats.pids_stats?.current ?? 0,
  };
}
