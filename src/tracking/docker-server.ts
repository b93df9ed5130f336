import { dirname } from 'node:path';
import type { DockerEngine } from '../docker/index.ts';
import { UnavailableError } from '../errors.ts';
import { groupOf } from '../util/group-folder.ts';
import { serverArguments, serverEnvironment } from './server-command.ts';
import { ensureTrackingImage } from './tracking-image.ts';
import type { StartContext, StartedServer, TrackingPaths, TrackingServerOptions } from './types.ts';

/** Carried by the container of a storage's server; its value is the storage's key. */
const label = 'slipway.tracking';
/** Where the server listens inside its container. */
const containerPort = 5000;

/** Starts the server as a container that the engine keeps running. Throws UnavailableError where no engine can. */
export async function startDockerServer(context: StartContext): Promise<StartedServer> {
  const { paths, port, signal } = context;
  const engine = await connected(context);
  if (engine === null) throw new UnavailableError('Docker is not used.');
  if (!engine.isLocal) {
    throw new UnavailableError(
      `The Docker engine (${engine.endpoint}) runs on another machine and cannot mount ${paths.directory}.`,
    );
  }
  const image = await ensureTrackingImage(engine, context);
  const group = groupOf(paths.directory);
  const id = await engine.createContainer({
    name: `slipway-tracking-${paths.key}`,
    image,
    // What the server makes, whoever started it, is the group's.
    ...(group === null
      ? { command: serverArguments('0.0.0.0', containerPort) }
      : {
          entrypoint: ['/bin/sh', '-c', 'umask 002; exec python -m mlflow "$@"', 'mlflow'],
          command: serverArguments('0.0.0.0', containerPort),
          groups: [group],
        }),
    environment: serverEnvironment,
    labels: { [label]: paths.key, 'slipway.storage': dirname(paths.directory) },
    workingDirectory: '/mlflow',
    user: `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`,
    mounts: [
      { source: paths.directory, target: '/mlflow' },
      { source: null, target: '/tmp' },
    ],
    ports: [{ containerPort, hostPort: port }],
    readOnlyRoot: true,
    unprivileged: true,
    init: true,
    pids: 256,
    restart: 'unless-stopped',
    signal,
  });
  try {
    await engine.startContainer(id, { signal });
  } catch (cause) {
    await engine.removeContainer(id);
    throw cause;
  }
  const ended = async (): Promise<string | null> => {
    const status = await engine.inspectContainer(id, { signal });
    if (status === null) return 'its container was removed';
    // The engine starts a failed one again and again: between two attempts it is `restarting`.
    const runs = status.state === 'running' || status.state === 'created';
    return runs ? null : (status.error ?? `its container ended with exit code ${status.exitCode}`);
  };
  return { kind: 'docker', id, ended, lastLines: () => lastLines(engine, id) };
}

/** Removes the containers of a storage's server. False where there were none, or no engine. */
export async function stopDockerServer(paths: TrackingPaths, options: TrackingServerOptions): Promise<boolean> {
  const engine = await connected(options).catch((error: unknown) => {
    // Without an engine there is no container of it that could run.
    if (error instanceof UnavailableError) return null;
    throw error;
  });
  if (engine === null) return false;
  const containers = await engine.listContainers({ label: `${label}=${paths.key}`, signal: options.signal });
  for (const { id } of containers) {
    await engine.killContainer(id, 'SIGTERM');
    await Promise.race([engine.waitContainer(id), new Promise((resolve) => setTimeout(resolve, 10_000).unref())]);
    await engine.removeContainer(id);
  }
  return containers.some(({ state }) => state === 'running');
}

/** Whether a container runs, or is about to again; false where no engine answers. */
export async function isContainerAlive(id: string, options: TrackingServerOptions): Promise<boolean> {
  try {
    const status = await (await connected(options))?.inspectContainer(id, { signal: options.signal });
    return status?.state === 'running' || status?.state === 'restarting' || status?.state === 'paused';
  } catch (error) {
    if (error instanceof UnavailableError) return false;
    throw error;
  }
}

/** The engine at hand; null where the caller has said that there is none. */
async function connected(options: TrackingServerOptions): Promise<DockerEngine | null> {
  if (options.docker !== undefined) return options.docker;
  // Loading the engine's library takes longer than finding a server that runs already.
  const { DockerEngine } = await import('../docker/index.ts');
  const { environment, signal, onExchange } = options;
  return DockerEngine.connect({ environment, signal, onExchange });
}

async function lastLines(engine: DockerEngine, id: string): Promise<string[]> {
  let text = '';
  const keep = (chunk: Buffer): void => {
    text = (text + chunk.toString('utf8')).slice(-8192);
  };
  await engine.containerLogs(id, { stdout: keep, stderr: keep });
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-3);
}
