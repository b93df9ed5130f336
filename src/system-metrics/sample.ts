import type { ProgramStats } from '../executors/executor.ts';
import type { DiskReading } from './disk.ts';
import type { GpuReading } from './gpus.ts';

/** MLflow's megabytes (`mlflow/system_metrics/metrics`), and a MiB in bytes. */
const bytesPerMegabyte = 1e6;
const megabytesPerMiB = 1.048576;

/** What was read at one time; null for what could not be. */
export interface Readings {
  readonly stats: ProgramStats | null;
  readonly disk: DiskReading | null;
  readonly gpus: readonly GpuReading[] | null;
}

/** What the readings are set against. */
export interface Comparison {
  /** CPU time, in seconds, at the reading before, and how long ago that was; null where there was none. */
  readonly before: { readonly cpuSeconds: number; readonly elapsedSeconds: number } | null;
  /** CPUs the program may use at once; null where it may use all. */
  readonly cpuLimit: number | null;
  /** Bytes since the program's start; null where they are not known. */
  readonly network: { readonly inBytes: number; readonly outBytes: number } | null;
}

/** The readings under MLflow's names and in its units, rounded as it does to a tenth. */
export function sampleMetrics({ stats, disk, gpus }: Readings, comparison: Comparison): Map<string, number> {
  const metrics = new Map<string, number>();
  const put = (name: string, value: number | null): void => {
    if (value !== null && Number.isFinite(value)) metrics.set(`system/${name}`, Math.round(value * 10) / 10);
  };
  if (stats !== null) {
    put('cpu_utilization_percentage', cpuPercent(stats, comparison));
    put('system_memory_usage_megabytes', stats.memoryBytes / bytesPerMegabyte);
    put('system_memory_usage_percentage', percentOf(stats.memoryBytes, stats.memoryLimitBytes));
    put('disk_read_megabytes', stats.blockIo === null ? null : stats.blockIo.inBytes / bytesPerMegabyte);
    put('disk_write_megabytes', stats.blockIo === null ? null : stats.blockIo.outBytes / bytesPerMegabyte);
  }
  if (comparison.network !== null) {
    put('network_receive_megabytes', comparison.network.inBytes / bytesPerMegabyte);
    put('network_transmit_megabytes', comparison.network.outBytes / bytesPerMegabyte);
  }
  if (disk !== null) {
    put('disk_usage_megabytes', disk.usedBytes / bytesPerMegabyte);
    put('disk_usage_percentage', percentOf(disk.usedBytes, disk.usedBytes + disk.availableBytes));
    put('disk_available_megabytes', disk.availableBytes / bytesPerMegabyte);
  }
  for (const gpu of gpus ?? []) {
    const putGpu = (name: string, value: number | null): void => put(`gpu_${gpu.index}_${name}`, value);
    const { memoryUsedMiB, memoryTotalMiB, powerWatts, powerLimitWatts } = gpu;
    putGpu('utilization_percentage', gpu.utilizationPercent);
    putGpu('memory_usage_megabytes', memoryUsedMiB === null ? null : memoryUsedMiB * megabytesPerMiB);
    putGpu('memory_usage_percentage', percentOf(memoryUsedMiB, memoryTotalMiB));
    putGpu('power_usage_watts', powerWatts);
    putGpu('power_usage_percentage', percentOf(powerWatts, powerLimitWatts));
    putGpu('temperature_celsius', gpu.temperatureCelsius);
  }
  return metrics;
}

/** Of all the CPU time that the program could have had since the reading before. */
function cpuPercent({ cpuSeconds, cpus }: ProgramStats, { before, cpuLimit }: Comparison): number | null {
  if (before === null || before.elapsedSeconds <= 0) return null;
  const most = before.elapsedSeconds * Math.min(cpuLimit ?? cpus, cpus);
  // A limit on CPUs holds on average, and two readings are never taken at exactly the times they are said to be of.
  return Math.min(100, Math.max(0, ((cpuSeconds - before.cpuSeconds) / most) * 100));
}

function percentOf(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole <= 0 ? null : (part / whole) * 100;
}
