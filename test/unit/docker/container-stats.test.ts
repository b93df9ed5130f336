import { describe, expect, it } from 'vitest';
import { statsAnswer, toContainerStats } from '../../../src/docker/answers.ts';

/** As Docker 20.10 answers on version 1 of control groups, less what is not read. */
const versionOne = {
  read: '2026-11-26T08:19:39.892937422Z',
  preread: '0001-01-01T00:00:00Z',
  pids_stats: { current: 3 },
  blkio_stats: {
    io_service_bytes_recursive: [
      { major: 8, minor: 0, op: 'Read', value: 4096 },
      { major: 8, minor: 0, op: 'Write', value: 8192 },
      { major: 8, minor: 0, op: 'Sync', value: 12_288 },
      { major: 8, minor: 16, op: 'Read', value: 1 },
      { major: 8, minor: 0, op: 'Total', value: 12_288 },
    ],
    io_serviced_recursive: [],
  },
  num_procs: 0,
  storage_stats: {},
  cpu_stats: {
    cpu_usage: {
      total_usage: 2_025_221_440,
      percpu_usage: [2_003_639_126, 21_582_314],
      usage_in_kernelmode: 0,
      usage_in_usermode: 2_010_000_000,
    },
    system_cpu_usage: 89_534_360_000_000,
    online_cpus: 2,
  },
  precpu_stats: { cpu_usage: { total_usage: 0 } },
  memory_stats: {
    usage: 22_142_976,
    max_usage: 23_801_856,
    stats: { inactive_file: 5, total_inactive_file: 20_971_520, hierarchical_memory_limit: 209_715_200 },
    limit: 209_715_200,
  },
  networks: {
    eth0: { rx_bytes: 5338, rx_packets: 36, tx_bytes: 648, tx_packets: 8 },
    eth5: { rx_bytes: 4641, rx_packets: 26, tx_bytes: 690, tx_packets: 9 },
  },
};

/** As Docker 24 answers on version 2, less what is not read. */
const versionTwo = {
  pids_stats: { current: 1, limit: 4096 },
  blkio_stats: {
    io_service_bytes_recursive: [
      { major: 259, minor: 0, op: 'read', value: 65_536 },
      { major: 259, minor: 0, op: 'write', value: 1_048_576 },
    ],
  },
  cpu_stats: {
    cpu_usage: { total_usage: 1_500_000_000, usage_in_kernelmode: 1, usage_in_usermode: 2 },
    system_cpu_usage: 1,
    online_cpus: 64,
  },
  memory_stats: {
    usage: 10_000_000,
    stats: { anon: 4_000_000, file: 6_000_000, inactive_file: 5_500_000, active_file: 500_000 },
    limit: 67_000_000_000,
  },
};

const stopped = {
  read: '0001-01-01T00:00:00Z',
  pids_stats: {},
  blkio_stats: { io_service_bytes_recursive: null },
  cpu_stats: { cpu_usage: { total_usage: 0 } },
  precpu_stats: { cpu_usage: { total_usage: 0 } },
  memory_stats: {},
};

const read = (answer: unknown) => toContainerStats(statsAnswer.parse(answer));

describe('what a container uses', () => {
  it('is read of version 1 of control groups, where the count of a group and all below it is the one that counts', () => {
    expect(read(versionOne)).toEqual({
      cpuSeconds: 2.02522144,
      cpus: 2,
      memoryBytes: 1_171_456,
      memoryLimitBytes: 209_715_200,
      processes: 3,
      network: { inBytes: 9979, outBytes: 1338 },
      blockIo: { inBytes: 4097, outBytes: 8192 },
    });
  });

  it('is read of version 2, and has no traffic where the container is on a network of the machine', () => {
    expect(read(versionTwo)).toEqual({
      cpuSeconds: 1.5,
      cpus: 64,
      memoryBytes: 4_500_000,
      memoryLimitBytes: 67_000_000_000,
      processes: 1,
      network: null,
      blockIo: { inBytes: 65_536, outBytes: 1_048_576 },
    });
  });

  it('is nothing of a container that does not run, which the engine answers zeros for', () => {
    expect(read(stopped)).toBeNull();
  });

  it('has no block I/O where the kernel counts none', () => {
    expect(read({ ...versionTwo, blkio_stats: { io_service_bytes_recursive: [] } })?.blockIo).toBeNull();
  });
});
