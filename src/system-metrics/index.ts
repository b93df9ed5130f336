export { type GpuChoice, gpuChoice } from './gpus.ts';
export { systemWriter } from './last-sample.ts';
export { SystemMetrics, type SystemMetricsOptions } from './system-metrics.ts';
