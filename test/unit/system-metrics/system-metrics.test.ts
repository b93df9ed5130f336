import { appendFileSync, chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SystemMetrics, type SystemMetricsOptions } from '../../../src/system-metrics/index.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/index.ts';

let folder: TemporaryDirectory;
let running: SystemMetrics[];
let details: string[];
let cpuSeconds: number;

beforeEach(async () => {
  folder = await temporaryDirectory();
  mkdirSync(folder.join('events'));
  [running, details, cpuSeconds] = [[], [], 0];
});

afterEach(async () => {
  for (const metrics of running) metrics.stop();
  await folder.remove();
});

const stats = async () => {
  cpuSeconds += 0.001;
  const counters = { inBytes: cpuSeconds * 5e9, outBytes: 7 };
  return {
    ...{ cpuSeconds, cpus: 2, memoryBytes: 5e6, memoryLimitBytes: 20e6, blockIo: null },
    network: { ...counters, isOwn: false },
  };
};

function start(changes: Partial<SystemMetricsOptions> = {}): SystemMetrics {
  const metrics = SystemMetrics.start({
    runDirectory: folder.path,
    storageDirectory: folder.path,
    intervalMs: 20,
    attemptStart: 0,
    cpuLimit: null,
    gpus: null,
    mustHaveGpus: false,
    environment: {},
    readingLimitMs: 300,
    readStats: stats,
    onDetail: (text) => details.push(text),
    ...changes,
  });
  running.push(metrics);
  return metrics;
}

interface Value {
  readonly key: string;
  readonly value: number;
  readonly step: number;
}

const path = () => folder.join('events', 'system.ndjson');

function values(key: string): Value[] {
  try {
    const lines = readFileSync(path(), 'utf8').trim().split('\n').filter(Boolean);
    return lines
      .flatMap((line) => {
        try {
          return [JSON.parse(line) as Value];
        } catch {
          return [];
        }
      })
      .filter((value) => value.key === `system/${key}`);
  } catch {
    return [];
  }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await wait(5);
}

/** A program of this name and text, in a folder of the PATH. */
function nvidiaSmi(text: string): Record<string, string> {
  mkdirSync(folder.join('bin'), { recursive: true });
  const program = folder.join('bin', 'nvidia-smi');
  writeFileSync(program, `#!/bin/sh\n${text}\n`);
  chmodSync(program, 0o755);
  return { PATH: [folder.join('bin'), process.env.PATH].join(delimiter) };
}

it('writes samples with steps from 0 until it is stopped, and none afterwards', async () => {
  const metrics = start();
  await until(() => values('system_memory_usage_megabytes').length >= 3);
  metrics.stop();
  const before = readFileSync(path(), 'utf8');
  await wait(60);
  expect(readFileSync(path(), 'utf8')).toBe(before);
  const memory = values('system_memory_usage_megabytes');
  expect(memory.map(({ step }) => step)).toEqual(memory.map((_, index) => index));
  expect(memory[0]?.value).toBe(5);
  expect(values('cpu_utilization_percentage')[0]?.value).toBeGreaterThan(0);
  expect(values('disk_available_megabytes')[0]?.value).toBeGreaterThan(0);
  expect(details).toEqual([]);
});

it('goes on behind a line that was torn, with the next step and the traffic that was counted', async () => {
  start();
  await until(() => (values('network_receive_megabytes').at(-1)?.value ?? 0) > 5);
  running[0]?.stop();
  const last = values('network_receive_megabytes').at(-1) as Value;
  appendFileSync(path(), '{"v":1,"type":"metric","key":"system/cpu_ut');
  start();
  await until(() => (values('network_receive_megabytes').at(-1)?.step ?? 0) > last.step);
  const next = values('network_receive_megabytes').find(({ step }) => step > last.step);
  expect(next?.step).toBe(last.step + 1);
  expect(next?.value).toBeGreaterThanOrEqual(last.value);
  expect(next?.value).toBeLessThan(last.value + 15);
});

it('counts the traffic of another attempt from nothing, and its steps on', async () => {
  start();
  await until(() => (values('network_receive_megabytes').at(-1)?.value ?? 0) > 30);
  running[0]?.stop();
  const last = values('network_receive_megabytes').at(-1) as Value;
  start({ attemptStart: readFileSync(path()).length });
  await until(() => (values('network_receive_megabytes').at(-1)?.step ?? 0) > last.step);
  expect(values('network_receive_megabytes').find(({ step }) => step > last.step)).toMatchObject({
    step: last.step + 1,
  });
  expect(values('network_receive_megabytes').find(({ step }) => step > last.step)?.value).toBeLessThan(30);
});

it('has the GPUs that nvidia-smi tells, and the chosen ones alone', async () => {
  const environment = nvidiaSmi(`echo '0, GPU-a, 1, 2, 4, 5, 10, 6'; echo '1, GPU-b, 93, 2, 4, [N/A], [N/A], 71'`);
  start({ gpus: { kind: 'named', names: ['1'] }, mustHaveGpus: true, environment });
  await until(() => values('gpu_1_utilization_percentage').length > 0);
  expect(values('gpu_1_temperature_celsius')[0]?.value).toBe(71);
  expect(values('gpu_1_power_usage_watts')).toEqual([]);
  expect(values('gpu_0_utilization_percentage')).toEqual([]);
});

it('goes on without an nvidia-smi that hangs, and tells it once', async () => {
  start({ gpus: { kind: 'all' }, environment: nvidiaSmi('exec sleep 60'), readingLimitMs: 60 });
  await until(() => values('system_memory_usage_megabytes').length >= 3);
  expect(details).toEqual(["The GPUs' use could not be read: it did not answer in 0.06 s."]);
});

it.each([true, false])('asks a machine without nvidia-smi once (GPUs given: %s)', async (mustHaveGpus) => {
  start({ gpus: { kind: 'all' }, mustHaveGpus, environment: { PATH: folder.path } });
  await until(() => values('system_memory_usage_megabytes').length >= 3);
  const told = "The GPUs' use could not be read: nvidia-smi is not installed on this machine.";
  expect(details).toEqual(mustHaveGpus ? [told] : []);
});

it('tells once what nvidia-smi says where it fails', async () => {
  const environment = nvidiaSmi('echo "NVIDIA-SMI has failed." >&2; exit 9');
  start({ gpus: { kind: 'all' }, environment });
  await until(() => values('system_memory_usage_megabytes').length >= 3);
  expect(details).toEqual(["The GPUs' use could not be read: nvidia-smi ended with “NVIDIA-SMI has failed.”."]);
});

it('never fails where the program, or the log, cannot be had', async () => {
  symlinkSync('/nowhere/at/all', path());
  start({ readStats: () => Promise.reject(new Error('the engine is away')) });
  await until(() => details.length >= 2);
  expect(details[0]).toBe('What the program uses could not be read: the engine is away.');
  expect(details[1]).toMatch(/^System metrics could not be written: Cannot write .*system\.ndjson/);
  rmSync(path());
  await until(() => values('disk_usage_megabytes').length >= 2);
  expect(details).toHaveLength(2);
});

it('does not make a run folder again that was removed', async () => {
  start();
  await until(() => values('system_memory_usage_megabytes').length >= 1);
  rmSync(folder.join('events'), { recursive: true });
  await wait(60);
  expect(() => readFileSync(join(folder.path, 'events', 'system.ndjson'))).toThrow('ENOENT');
});
