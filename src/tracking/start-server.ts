import { readFile } from 'node:fs/promises';
import { CannotWriteError, errorCode, SlipwayError, UnavailableError } from '../errors.ts';
import { currentUser } from '../util/current-user.ts';
import { sleep } from '../util/index.ts';
import { startDockerServer } from './docker-server.ts';
import { choosePort, isFree, usualPort } from './port.ts';
import { probeServer } from './probe.ts';
import { startPythonServer } from './python-server.ts';
import { mlflowVersion } from './server-command.ts';
import { readServerRecord, writeServerRecord } from './server-record.ts';
import { stopServer } from './stop-server.ts';
import type {
  EnsureTrackingServerOptions,
  StartContext,
  StartedServer,
  TrackingPaths,
  TrackingServer,
} from './types.ts';

/** An empty database takes a slow machine this long, and then some. */
const startTimeoutMs = 180_000;

type Start = (context: StartContext) => Promise<StartedServer>;
const ways: Readonly<Record<TrackingServer['kind'], Start>> = {
  docker: startDockerServer,
  python: startPythonServer,
};

/** Starts the storage's server and records it. The caller holds the lock, and no server of the storage answers. */
export async function startServer(paths: TrackingPaths, options: EnsureTrackingServerOptions): Promise<TrackingServer> {
  const previousPort = (await readServerRecord(paths))?.port;
  // Two servers must not write one database: a silent one, or one that was never recorded, goes first.
  await stopServer(paths, options);
  const kinds: readonly TrackingServer['kind'][] = options.prefer === 'auto' ? ['docker', 'python'] : [options.prefer];
  const reasons: SlipwayError[] = [];
  for (const kind of kinds) {
    try {
      return await startOnFreePort(ways[kind], previousPort, paths, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      // An image that cannot be built leaves Python; a folder that cannot be written stops both.
      if (!(error instanceof SlipwayError) || error instanceof CannotWriteError) throw error;
      reasons.push(error);
      if (kind !== kinds.at(-1))
        options.onNotice(`The tracking server cannot run in Docker, and Python is tried. ${error.message}`);
    }
  }
  throw combined(reasons);
}

async function startOnFreePort(
  start: Start,
  previousPort: number | undefined,
  paths: TrackingPaths,
  options: EnsureTrackingServerOptions,
): Promise<TrackingServer> {
  const lost = new Set<number>();
  for (;;) {
    const port = await choosePort(previousPort, lost);
    const startedAtMs = Date.now();
    const started = await start({ ...options, paths, port }).catch(async (error: unknown) => {
      if (error instanceof SlipwayError && !(await isFree(port))) return null;
      throw error;
    });
    if (started === null) {
      lost.add(port);
      continue;
    }
    const uri = `http://127.0.0.1:${port}`;
    const failure = await waitUntilReady(uri, started, paths, options).catch(async (error: unknown) => {
      await stopServer(paths, options);
      throw error;
    });
    if (failure === null) {
      if (port !== usualPort) {
        options.onNotice(
          `The tracking server listens on port ${port}${(await isFree(usualPort)) ? '' : `: port ${usualPort} is taken`}.`,
        );
      }
      const { uid, name } = currentUser();
      const { kind, id } = started;
      const server = { uri, port, kind, mlflowVersion, id, startedAtMs, owner: { uid, name } };
      await writeServerRecord(paths, server);
      return server;
    }
    await stopServer(paths, options);
    // Somebody else may have taken the port between our look and the server's start.
    if (await isFree(port)) throw failure;
    lost.add(port);
  }
}

/** Null once the server answers; else why it never will. Rejects when aborted. */
async function waitUntilReady(
  uri: string,
  started: StartedServer,
  paths: TrackingPaths,
  { signal, onProgress, onExchange }: EnsureTrackingServerOptions,
): Promise<UnavailableError | null> {
  onProgress(`waiting for the tracking server at ${uri}`);
  const deadlineMs = Date.now() + startTimeoutMs;
  for (;;) {
    const probe = await probeServer(uri, paths, { timeoutMs: 5000, signal, onExchange });
    if (probe.state === 'ours') return null;
    const late = Date.now() > deadlineMs ? `it did not answer in ${startTimeoutMs / 1000} s` : null;
    const over = (await started.ended()) ?? late;
    if (over !== null) {
      const lines = (await started.lastLines?.()) ?? (await logTail(paths));
      return new UnavailableError(
        `The tracking server (${started.kind}) did not start: ${over}. It wrote: ${lines.join(' | ')}.`,
        {
          hint: `Its log is ${paths.log}`,
        },
      );
    }
    await sleep(100, { signal });
  }
}

async function logTail({ log }: TrackingPaths): Promise<string[]> {
  try {
    const lines = (await readFile(log, 'utf8')).split('\n').filter((line) => line.trim() !== '');
    return lines.slice(-3);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function combined(reasons: readonly SlipwayError[]): UnavailableError {
  const [only] = reasons;
  if (reasons.length === 1 && only instanceof UnavailableError && only.hint !== undefined) return only;
  const text = reasons.map((error) => (error.hint === undefined ? error.message : `${error.message} (${error.hint})`));
  return new UnavailableError(`The tracking server cannot be started. ${text.join(' ')}`, {
    hint: 'Mend one of these, or name a server that runs with MLFLOW_TRACKING_URI.',
    cause: new AggregateError(reasons),
  });
}
