import { environment } from '../config.ts';
import { errorMessage } from '../errors.ts';
import type { Executor, ProgramHandle } from '../executors/executor.ts';
import { writerFileName } from '../runlog/index.ts';
import { gpuChoice, SystemMetrics, systemWriter } from '../system-metrics/index.ts';
import type { RunContext } from './run-context.ts';

/** Samples what the program uses, as the plan says how often; returns what ends it. Never throws. */
export function measureProgram(run: RunContext, executor: Executor, handle: ProgramHandle): () => void {
  const { plan, paths } = run;
  if (plan.systemMetricsIntervalMs === 0) return () => {};
  const onDetail = (text: string): void => run.emit({ type: 'detail', text });
  try {
    const metrics = SystemMetrics.start({
      runDirectory: paths.directory,
      storageDirectory: plan.storage.directory,
      intervalMs: plan.systemMetricsIntervalMs,
      attemptStart: plan.logStarts[`events/${writerFileName(systemWriter)}`] ?? 0,
      // On the host limits do not hold.
      cpuLimit: plan.engine === 'docker' ? plan.limits.cpus : null,
      gpus: gpuChoice(plan.gpus, plan.engine, environment()),
      mustHaveGpus: plan.gpus !== null,
      environment: environment(),
      readStats: async (signal) => (await executor.stats?.(handle, signal)) ?? null,
      onDetail,
    });
    return () => metrics.stop();
  } catch (error) {
    onDetail(`System metrics are not sampled: ${errorMessage(error)}`);
    return () => {};
  }
}
