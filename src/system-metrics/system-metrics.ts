import { performance } from 'node:perf_hooks';
import { errorMessage } from '../errors.ts';
import type { ProgramStats } from '../executors/executor.ts';
import { isNotInstalled } from '../util/run-program.ts';
import { sleep } from '../util/sleep.ts';
import { BoundedReading } from './bounded-reading.ts';
import { type DiskReading, readDisk } from './disk.ts';
import { type GpuChoice, type GpuReading, readGpus } from './gpus.ts';
import { readLastSample } from './last-sample.ts';
import { sampleMetrics } from './sample.ts';
import { SampleWriter } from './sample-writer.ts';
import { TrafficSinceStart } from './traffic-since-start.ts';

/** The first sample tells soon what a run needs; the CPU's share wants this long a time to be measured over. */
const firstSampleMs = 1000;
const usualReadingLimitMs = 5000;

export interface SystemMetricsOptions {
  readonly runDirectory: string;
  /** The folder whose file system is measured. */
  readonly storageDirectory: string;
  readonly intervalMs: number;
  /** Bytes of the samples that earlier attempts of the run have written. */
  readonly attemptStart: number;
  /** CPUs the program may use at once; null where it may use all. */
  readonly cpuLimit: number | null;
  readonly gpus: GpuChoice;
  /** Whether the run was given GPUs, so that a machine without nvidia-smi is worth a word. */
  readonly mustHaveGpus: boolean;
  /** Where nvidia-smi is looked for. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Reads what the program uses; null where it does not run. */
  readonly readStats: (signal: AbortSignal) => Promise<ProgramStats | null>;
  /** How long a reading is waited for; 5 s by default. */
  readonly readingLimitMs?: number;
  /** Told once of each thing that cannot be measured. */
  readonly onDetail: (text: string) => void;
}

/**
 * Samples what a program uses, from now until it is stopped, to the run log's writer `system`. Steps go on where an earlier
 * agent or attempt left off. Nothing here blocks or fails the run: what cannot be read in time is left out.
 */
export class SystemMetrics {
  readonly #options: SystemMetricsOptions;
  readonly #abort = new AbortController();
  readonly #stats: BoundedReading<ProgramStats>;
  readonly #disk: BoundedReading<DiskReading>;
  readonly #gpus: BoundedReading<GpuReading[]>;
  readonly #traffic: TrafficSinceStart;
  readonly #writer: SampleWriter;
  #before: { readonly cpuSeconds: number; readonly readAtMs: number } | null = null;
  #hasGpus: boolean;

  private constructor(options: SystemMetricsOptions) {
    const { runDirectory, onDetail } = options;
    this.#options = options;
    this.#hasGpus = options.gpus !== null;
    const bounded = <Value>(what: string, read: (signal: AbortSignal) => Promise<Value | null>) =>
      new BoundedReading<Value>({
        what,
        read,
        limitMs: options.readingLimitMs ?? usualReadingLimitMs,
        onProblem: onDetail,
      });
    this.#stats = bounded('What the program uses', options.readStats);
    this.#disk = bounded("The disk's use", () => readDisk(options.storageDirectory));
    this.#gpus = bounded("The GPUs' use", (signal) => this.#readGpus(signal));
    const last = readLastSample(runDirectory, options.attemptStart);
    this.#traffic = new TrafficSinceStart(last.values);
    this.#writer = new SampleWriter(runDirectory, (last.step ?? -1) + 1, (reason) =>
      onDetail(`System metrics could not be written: ${reason}`),
    );
  }

  /** Begins to sample. */
  static start(options: SystemMetricsOptions): SystemMetrics {
    const metrics = new SystemMetrics(options);
    void metrics.#sampleUntilStopped();
    return metrics;
  }

  /** No sample is written any more. */
  stop(): void {
    this.#abort.abort(new Error('system metrics were stopped'));
    this.#writer.close();
  }

  async #sampleUntilStopped(): Promise<void> {
    const { signal } = this.#abort;
    const { intervalMs, onDetail } = this.#options;
    try {
      await this.#readStats();
      for (let dueMs = performance.now() + Math.min(firstSampleMs, intervalMs); ; dueMs += intervalMs) {
        // After a pause of the machine, or readings that took long, those that were missed are not made up for.
        dueMs = Math.max(dueMs, performance.now());
        await sleep(dueMs - performance.now(), { signal });
        await this.#sample(signal);
      }
    } catch (error) {
      if (!signal.aborted) onDetail(`System metrics are not sampled any more: ${errorMessage(error)}`);
    }
  }

  async #sample(signal: AbortSignal): Promise<void> {
    const [{ stats, before }, disk, gpus] = await Promise.all([
      this.#readStats(),
      this.#disk.take(signal),
      this.#hasGpus ? this.#gpus.take(signal) : null,
    ]);
    if (signal.aborted) return;
    const network = stats === null ? null : this.#traffic.since(stats.network);
    const { cpuLimit } = this.#options;
    this.#writer.write(sampleMetrics({ stats, disk, gpus }, { before, cpuLimit, network }), Date.now());
  }

  /** A reading of the program, and how it was at the one before. */
  async #readStats() {
    const askedAtMs = performance.now();
    const stats = await this.#stats.take(this.#abort.signal);
    // The engine looks somewhere between question and answer. Its own clock may be set meanwhile; this one never is.
    const readAtMs = (askedAtMs + performance.now()) / 2;
    const before = this.#before;
    if (stats !== null) this.#before = { cpuSeconds: stats.cpuSeconds, readAtMs };
    if (stats === null || before === null) return { stats, before: null };
    return {
      stats,
      before: { cpuSeconds: before.cpuSeconds, elapsedSeconds: (readAtMs - before.readAtMs) / 1000 },
    };
  }

  /** A machine without nvidia-smi is not asked again. */
  async #readGpus(signal: AbortSignal): Promise<GpuReading[] | null> {
    const { gpus, mustHaveGpus, environment } = this.#options;
    try {
      return await readGpus(gpus, environment, signal);
    } catch (error) {
      if (!isNotInstalled(error)) throw error;
      this.#hasGpus = false;
      if (mustHaveGpus) throw new Error('nvidia-smi is not installed on this machine', { cause: error });
      return null;
    }
  }
}
