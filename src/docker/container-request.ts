import { UsageError } from '../errors.ts';
import type { ContainerOptions, Mount } from './types.ts';

const bytesPerMiB = 1024 * 1024;

/**
 * The engine's device request for `--gpus`: `all`, a count, or `device=0,1`.
 * Throws UsageError for anything else.
 */
export function deviceRequest(gpus: string): Record<string, unknown> {
  // `utility` brings libnvidia-ml: without it TensorFlow falls back to the CPU and says nothing.
  const request = { Driver: '', Capabilities: [['gpu', 'compute', 'utility']] };
  if (gpus === 'all') return { ...request, Count: -1 };
  if (/^[1-9]\d*$/.test(gpus)) return { ...request, Count: Number(gpus) };
  const devices = /^"?device=([\w,:-]+)"?$/.exec(gpus)?.[1];
  if (devices) return { ...request, DeviceIDs: devices.split(',') };
  throw new UsageError(`--gpus is "${gpus}", but must be all, a number of GPUs, or device=0,1.`);
}

/** The body of the engine's "create a container". */
export function containerRequest(options: ContainerOptions): Record<string, unknown> {
  const ports = options.ports ?? [];
  const portKey = (port: number): string => `${port}/tcp`;
  return {
    Image: options.image,
    ...(options.entrypoint === undefined
      ? {}
      : { Entrypoint: options.entrypoint.length === 0 ? [''] : [...options.entrypoint] }),
    ...(options.command === undefined ? {} : { Cmd: [...options.command] }),
    ...(options.user === undefined ? {} : { User: options.user }),
    ...(options.workingDirectory === undefined ? {} : { WorkingDir: options.workingDirectory }),
    Env: Object.entries(options.environment ?? {}).map(([name, value]) => `${name}=${value}`),
    Labels: { ...options.labels },
    ExposedPorts: Object.fromEntries(ports.map((port) => [portKey(port.containerPort), {}])),
    HostConfig: {
      Mounts: (options.mounts ?? []).map(mountRequest),
      PortBindings: Object.fromEntries(
        ports.map((port) => [
          portKey(port.containerPort),
          [{ HostIp: port.hostAddress ?? '127.0.0.1', HostPort: String(port.hostPort) }],
        ]),
      ),
      ReadonlyRootfs: options.readOnlyRoot ?? false,
      ...(options.unprivileged ? { CapDrop: ['ALL'] } : {}),
      ...(options.unprivileged || options.noNewPrivileges ? { SecurityOpt: ['no-new-privileges'] } : {}),
      ...(options.groups === undefined ? {} : { GroupAdd: options.groups.map(String) }),
      Init: options.init ?? false,
      NetworkMode: options.network ?? 'default',
      RestartPolicy: { Name: options.restart ?? 'no' },
      // Said outright, whatever the engine's default driver is: the output must be readable again after an agent's death.
      LogConfig: { Type: 'json-file', Config: {} },
      ...(options.gpus ? { DeviceRequests: [deviceRequest(options.gpus)] } : {}),
      ...(options.cpus ? { NanoCpus: Math.round(options.cpus * 1e9) } : {}),
      // Swap equal to memory: no swap, so that a program over its limit ends instead of crawling.
      ...(options.memoryMiB
        ? { Memory: options.memoryMiB * bytesPerMiB, MemorySwap: options.memoryMiB * bytesPerMiB }
        : {}),
      ...(options.shmMiB ? { ShmSize: options.shmMiB * bytesPerMiB } : {}),
      ...(options.pids ? { PidsLimit: options.pids } : {}),
    },
  };
}

function mountRequest(mount: Mount): Record<string, unknown> {
  const common = { Target: mount.target, ReadOnly: mount.readOnly ?? false };
  if (mount.source === null) {
    const size = mount.sizeMiB === undefined ? {} : { TmpfsOptions: { SizeBytes: mount.sizeMiB * bytesPerMiB } };
    return { ...common, Type: 'tmpfs', ...size };
  }
  return { ...common, Type: mount.source.startsWith('/') ? 'bind' : 'volume', Source: mount.source };
}
