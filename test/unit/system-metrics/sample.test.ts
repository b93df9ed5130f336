import { describe, expect, it } from 'vitest';
import { type Comparison, type Readings, sampleMetrics } from '../../../src/system-metrics/sample.ts';

const stats = {
  cpuSeconds: 25,
  cpus: 8,
  memoryBytes: 1_500_000_000,
  memoryLimitBytes: 6_000_000_000,
  network: null,
  blockIo: { inBytes: 2_000_000, outBytes: 51_000 },
};
const nothing: Readings = { stats: null, disk: null, gpus: null };
const alone: Comparison = { before: null, cpuLimit: null, network: null };

const sample = (readings: Partial<Readings>, comparison: Partial<Comparison> = {}) =>
  Object.fromEntries(sampleMetrics({ ...nothing, ...readings }, { ...alone, ...comparison }));

describe('a sample', () => {
  it("has MLflow's names and units", () => {
    const gpu = {
      index: 3,
      uuid: 'GPU-1',
      utilizationPercent: 93,
      memoryUsedMiB: 12_000,
      memoryTotalMiB: 24_000,
      powerWatts: 300.04,
      powerLimitWatts: 400,
      temperatureCelsius: 71,
    };
    const values = sample(
      { stats, disk: { usedBytes: 3e9, availableBytes: 9e9 }, gpus: [gpu] },
      { before: { cpuSeconds: 5, elapsedSeconds: 10 }, network: { inBytes: 1_260_000, outBytes: 40_000 } },
    );
    expect(values).toEqual({
      'system/cpu_utilization_percentage': 25,
      'system/system_memory_usage_megabytes': 1500,
      'system/system_memory_usage_percentage': 25,
      'system/disk_read_megabytes': 2,
      'system/disk_write_megabytes': 0.1,
      'system/network_receive_megabytes': 1.3,
      'system/network_transmit_megabytes': 0,
      'system/disk_usage_megabytes': 3000,
      'system/disk_usage_percentage': 25,
      'system/disk_available_megabytes': 9000,
      'system/gpu_3_utilization_percentage': 93,
      'system/gpu_3_memory_usage_megabytes': 12_582.9,
      'system/gpu_3_memory_usage_percentage': 50,
      'system/gpu_3_power_usage_watts': 300,
      'system/gpu_3_power_usage_percentage': 75,
      'system/gpu_3_temperature_celsius': 71,
    });
  });

  it.each([
    [4, 50],
    [0.5, 100],
    [64, 25],
  ])('has CPU in percent of a limit of %s CPUs, and never more than all', (cpuLimit, percent) => {
    const values = sample({ stats }, { before: { cpuSeconds: 5, elapsedSeconds: 10 }, cpuLimit });
    expect(values['system/cpu_utilization_percentage']).toBe(percent);
  });

  it('has no CPU without a reading before it, and never less than none', () => {
    expect(sample({ stats })).not.toHaveProperty('system/cpu_utilization_percentage');
    const fewer = sample({ stats }, { before: { cpuSeconds: 30, elapsedSeconds: 10 } });
    expect(fewer['system/cpu_utilization_percentage']).toBe(0);
  });

  it('leaves out what is not known', () => {
    const untold = { utilizationPercent: null, memoryTotalMiB: null, powerWatts: null, powerLimitWatts: null };
    const gpu = { index: 0, uuid: 'GPU-1', memoryUsedMiB: 1000, temperatureCelsius: null, ...untold };
    expect(sample({ gpus: [gpu] })).toEqual({ 'system/gpu_0_memory_usage_megabytes': 1048.6 });
    expect(sample({ stats: { ...stats, memoryLimitBytes: 0, blockIo: null } })).toEqual({
      'system/system_memory_usage_megabytes': 1500,
    });
  });
});
