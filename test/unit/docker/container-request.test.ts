import { describe, expect, it } from 'vitest';
import { containerRequest, deviceRequest } from '../../../src/docker/container-request.ts';
import { UsageError } from '../../../src/errors.ts';

describe('a request for GPUs', () => {
  it.each([
    ['all', { Count: -1 }],
    ['2', { Count: 2 }],
    ['device=0,GPU-1a', { DeviceIDs: ['0', 'GPU-1a'] }],
    ['"device=1"', { DeviceIDs: ['1'] }],
  ])('%s', (text, wanted) => {
    expect(deviceRequest(text)).toMatchObject(wanted);
  });

  it.each(['', '0', '-1', 'some', 'device='])('refuses "%s"', (text) => {
    expect(() => deviceRequest(text)).toThrow(UsageError);
  });
});

describe('the body of a new container', () => {
  it('has limits in the units of the engine', () => {
    const { HostConfig } = containerRequest({ image: 'x', cpus: 1.5, memoryMiB: 512, shmMiB: 64, pids: 100 });
    expect(HostConfig).toMatchObject({
      NanoCpus: 1_500_000_000,
      Memory: 536_870_912,
      MemorySwap: 536_870_912,
      ShmSize: 67_108_864,
      PidsLimit: 100,
    });
  });

  it('forbids new privileges, with the capabilities taken away or left', () => {
    const noNew = { SecurityOpt: ['no-new-privileges'] };
    expect(containerRequest({ image: 'x', unprivileged: true }).HostConfig).toMatchObject({
      ...noNew,
      CapDrop: ['ALL'],
    });
    const { HostConfig } = containerRequest({ image: 'x', noNewPrivileges: true });
    expect(HostConfig).toMatchObject(noNew);
    expect(HostConfig).not.toHaveProperty('CapDrop');
    expect(containerRequest({ image: 'x' }).HostConfig).not.toHaveProperty('SecurityOpt');
    expect(containerRequest({ image: 'x' }).HostConfig).not.toHaveProperty('GroupAdd');
    expect(containerRequest({ image: 'x', groups: [5200] }).HostConfig).toMatchObject({ GroupAdd: ['5200'] });
  });

  it('binds ports to the loopback unless another address is named', () => {
    const { HostConfig } = containerRequest({ image: 'x', ports: [{ containerPort: 5000, hostPort: 5001 }] });
    expect(HostConfig).toMatchObject({ PortBindings: { '5000/tcp': [{ HostIp: '127.0.0.1', HostPort: '5001' }] } });
  });

  it('tells folders, volumes and temporary file systems apart', () => {
    const mounts = [
      { source: '/data', target: '/a', readOnly: true },
      { source: 'cache', target: '/b' },
      { source: null, target: '/c' },
      { source: null, target: '/d', sizeMiB: 2 },
    ];
    expect(containerRequest({ image: 'x', mounts }).HostConfig).toMatchObject({
      Mounts: [
        { Type: 'bind', Source: '/data', Target: '/a', ReadOnly: true },
        { Type: 'volume', Source: 'cache', Target: '/b', ReadOnly: false },
        { Type: 'tmpfs', Target: '/c' },
        { Type: 'tmpfs', Target: '/d', TmpfsOptions: { SizeBytes: 2_097_152 } },
      ],
    });
  });
});
