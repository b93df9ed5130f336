import { describe, expect, it } from 'vitest';
import { compareLocks } from '../../../src/doctor/compare-lock.ts';
import { missingDevices } from '../../../src/doctor/gpu-checks.ts';
import { fileSystemKind, mountPointOf } from '../../../src/doctor/mount-points.ts';
import { parseGpuQuery } from '../../../src/doctor/nvidia.ts';

describe('the answer of nvidia-smi', () => {
  it('is read line by line', () => {
    const text =
      '0, NVIDIA H100 80GB HBM3, 81559, GPU-8f7e, 550.54.15\n1, NVIDIA GeForce RTX 4090, 24564, GPU-1a2b, 550.54.15\n';
    expect(parseGpuQuery(text)).toEqual({
      state: 'devices',
      driverVersion: '550.54.15',
      devices: [
        { index: 0, name: 'NVIDIA H100 80GB HBM3', memoryMiB: 81559, uuid: 'GPU-8f7e' },
        { index: 1, name: 'NVIDIA GeForce RTX 4090', memoryMiB: 24564, uuid: 'GPU-1a2b' },
      ],
    });
  });

  it('that is something else is told as it is', () => {
    expect(parseGpuQuery('No devices were found\n')).toEqual({
      state: 'failed',
      reason: 'it said “No devices were found”',
    });
  });
});

describe('what --gpus asks for', () => {
  const devices = [
    { index: 0, name: 'A', memoryMiB: 1, uuid: 'GPU-a' },
    { index: 1, name: 'B', memoryMiB: 1, uuid: 'GPU-b' },
  ];

  it.each([
    ['all', null],
    ['2', null],
    ['3', '3 GPUs'],
    ['device=0,GPU-b', null],
    ['device=1,7', 'device 7'],
    ['device=MIG-1234', null],
    [null, null],
  ])('%s lacks %s of two GPUs', (gpus, missing) => {
    expect(missingDevices(gpus, devices)).toBe(missing);
  });

  it('is not there where there is none', () => {
    expect(missingDevices('all', [])).toBe('all GPUs');
  });
});

describe('the mount of a path', () => {
  const mountinfo = [
    '22 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
    '40 22 0:35 / /data rw,relatime shared:1 - nfs4 filer:/export/data rw,vers=4.2',
    '41 40 0:36 / /data/with\\040space ro,nosuid - fuse.sshfs ada@host:/x rw',
    '42 22 0:37 / /mnt rw - tmpfs tmpfs rw',
    '43 22 0:38 / /mnt rw - ext4 /dev/vdb ro',
  ].join('\n');

  it.each([
    ['/home/ada', { directory: '/', type: 'ext4', source: '/dev/vda', isReadOnly: false }],
    ['/data/runs', { directory: '/data', type: 'nfs4', source: 'filer:/export/data', isReadOnly: false }],
    ['/database', { directory: '/', type: 'ext4' }],
    ['/data/with space/x', { directory: '/data/with space', type: 'fuse.sshfs', isReadOnly: true }],
    ['/mnt', { directory: '/mnt', source: '/dev/vdb', isReadOnly: true }],
  ])('%s is the nearest one above it, the last at its place', (path, mount) => {
    expect(mountPointOf(path, mountinfo)).toMatchObject(mount);
  });

  it.each([
    ['nfs4', 'network'],
    ['cifs', 'network'],
    ['fuse.sshfs', 'network'],
    ['fuseblk', 'fuse'],
    ['tmpfs', 'memory'],
    ['overlay', 'container'],
    ['xfs', 'local'],
  ])('a file system %s is of the kind %s', (type, kind) => {
    expect(fileSystemKind(type)).toBe(kind);
  });
});

describe('what is installed, against the lock', () => {
  const entry = (version: string, more: object = {}) => ({ version, integrity: `sha512-${version}`, ...more });
  const locked = {
    packages: {
      '': { version: '1.0.0' },
      'node_modules/a': entry('1.0.0'),
      'node_modules/b': entry('2.0.0', { optional: true }),
      'node_modules/c': entry('3.0.0', { dev: true }),
    },
  };

  function differenceOf(packages: Record<string, object>) {
    return compareLocks(locked, { packages });
  }

  it('may lack optional packages, and all of those for development', () => {
    expect(differenceOf({ 'node_modules/a': entry('1.0.0') })).toEqual({
      missing: [],
      other: [],
      extra: [],
      withoutDevelopment: true,
    });
  });

  it('names what is missing, of another version or content, or not in the lock', () => {
    expect(
      differenceOf({
        'node_modules/b': { version: '2.0.1' },
        'node_modules/c': { version: '3.0.0', integrity: 'sha512-other' },
        'node_modules/d': entry('4.0.0'),
      }),
    ).toEqual({
      missing: ['node_modules/a'],
      other: ['node_modules/b', 'node_modules/c'],
      extra: ['node_modules/d'],
      withoutDevelopment: false,
    });
  });
});
