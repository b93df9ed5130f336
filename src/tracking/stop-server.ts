import { stopDockerServer } from './docker-server.ts';
import { endServerProcesses } from './server-processes.ts';
import type { TrackingPaths, TrackingServerOptions } from './types.ts';

/** Ends every server of a storage, recorded or not. False where none ran. */
export async function stopServer(paths: TrackingPaths, options: TrackingServerOptions): Promise<boolean> {
  const ended = await endServerProcesses(paths.key);
  return (await stopDockerServer(paths, options)) || ended;
}
