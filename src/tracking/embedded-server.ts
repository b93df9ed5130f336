import { isGroupFolder } from '../util/group-folder.ts';
import { acquireProcessLock, type ProcessLock, type ProcessLockOptions } from '../util/process-lock.ts';
import { makeTrackingDirectories, trackingPaths } from './paths.ts';
import { ensureIdentity, probeServer, readIdentity } from './probe.ts';
import { mlflowVersion } from './server-command.ts';
import { livingServerOfOther, serverOfOther, silentServerOfOther } from './server-of-other.ts';
import { readServerRecord, removeServerRecord } from './server-record.ts';
import { startServer } from './start-server.ts';
import { stopServer } from './stop-server.ts';
import type {
  EnsureTrackingServerOptions,
  ReadyTrackingServer,
  TrackingPaths,
  TrackingServer,
  TrackingServerOptions,
} from './types.ts';

/** A dead server is noticed at once; a busy one, which other runs are using, must not be taken for dead. */
const probeTimeoutMs = 30_000;

/**
 * The storage's tracking server: the one that runs, else a new one. Of several callers on a machine one starts it and
 * the others wait for it. Throws UnavailableError with the reasons where neither Docker nor Python can run it, and
 * CannotWriteError where its folder cannot be written.
 */
export async function ensureTrackingServer(options: EnsureTrackingServerOptions): Promise<ReadyTrackingServer> {
  const paths = trackingPaths(options.storageDirectory);
  const running = usable(await runningServer(paths, options));
  if (running !== null) return { ...running, reused: true };

  await makeTrackingDirectories(paths);
  // The folder exists only now: a link on its path is resolved from here on.
  const realPaths = trackingPaths(options.storageDirectory);
  await ensureIdentity(realPaths);
  const lock = await lockServer(realPaths, {
    signal: options.signal,
    onWait: () => options.onProgress('another run is starting the tracking server'),
  });
  try {
    const startedMeanwhile = await runningServer(realPaths, options);
    const ready = usable(startedMeanwhile);
    if (ready !== null) return { ...ready, reused: true };
    const others = await livingServerOfOther(await readServerRecord(realPaths), options);
    if (others !== null) {
      if (startedMeanwhile === null) throw silentServerOfOther(others, realPaths.directory);
      options.onNotice(otherVersion(startedMeanwhile));
      return { ...startedMeanwhile, reused: true };
    }
    return { ...(await startServer(realPaths, options)), reused: false };
  } finally {
    await lock.release();
  }
}

/** Stops the storage's server, however it runs; its data stay. False where none ran. */
export async function stopTrackingServer(options: TrackingServerOptions): Promise<boolean> {
  const paths = trackingPaths(options.storageDirectory);
  const lock = await lockServer(paths, { signal: options.signal });
  try {
    const others = await livingServerOfOther(await readServerRecord(paths), options);
    if (others !== null) throw serverOfOther(others, paths.directory);
    const stopped = await stopServer(paths, options);
    await removeServerRecord(paths);
    return stopped;
  } finally {
    await lock.release();
  }
}

/** The storage's server if it answers now, else null. */
export function trackingServerStatus(options: TrackingServerOptions): Promise<TrackingServer | null> {
  return runningServer(trackingPaths(options.storageDirectory), options);
}

/**
 * In a storage that a group keeps, all of it wait for each other. The lock is then called by what only they can read, so
 * that nobody else can hold it.
 */
async function lockServer(paths: TrackingPaths, options: ProcessLockOptions): Promise<ProcessLock> {
  const identity = isGroupFolder(paths.directory) ? await readIdentity(paths) : null;
  if (identity === null) return acquireProcessLock(`tracking ${paths.key}`, options);
  return acquireProcessLock(`tracking ${paths.key} ${identity}`, { ...options, isOfAllUsers: true });
}

/** A server of another release is replaced, because it could not be told apart from one that spoils the data. */
function usable(server: TrackingServer | null): TrackingServer | null {
  return server?.mlflowVersion === mlflowVersion ? server : null;
}

function otherVersion({ owner, mlflowVersion: found }: TrackingServer): string {
  return `The tracking server of this storage is ${owner?.name ?? 'another user'}'s and has MLflow ${found}, not ${mlflowVersion}; it is used as it is.`;
}

/** The recorded server, with the version it says it has, if it is this storage's and answers. */
async function runningServer(paths: TrackingPaths, options: TrackingServerOptions): Promise<TrackingServer | null> {
  const record = await readServerRecord(paths);
  if (record === null) return null;
  const { signal, onExchange } = options;
  const probe = await probeServer(record.uri, paths, { timeoutMs: probeTimeoutMs, signal, onExchange });
  return probe.state === 'ours' ? { ...record, mlflowVersion: probe.mlflowVersion } : null;
}
