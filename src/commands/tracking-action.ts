import type { EventSink } from '../events.ts';
import { chooseStorage, locateStorage } from '../launch/storage.ts';
import {
  ensureTrackingServer,
  stopTrackingServer,
  type TrackingServer,
  trackingServerStatus,
} from '../tracking/index.ts';
import { exchangeText } from '../util/http-exchange.ts';
import { openLook, wantsJson } from './output-options.ts';
import { openReporter } from './reporter.ts';
import { withStep } from './step.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Carries out `slipway tracking up|down|status`. Resolves with the exit code; `status` gives 1 where none runs. */
export async function trackingAction(
  given: Readonly<Record<string, unknown>>,
  environment: Environment,
  signal: AbortSignal,
): Promise<number> {
  const reporter = openReporter({ ...given, json: false }, environment);
  const isJson = wantsJson(given, environment);
  const answer = (text: string, value: object): void => {
    // Before the answer, so that no live line stands in its way.
    reporter.close();
    process.stdout.write(`${isJson ? JSON.stringify(value, null, 2) : text}\n`);
  };
  const named = given.storage === undefined ? null : String(given.storage);
  const options = {
    environment,
    signal,
    onExchange: (exchange: Parameters<typeof exchangeText>[0]) =>
      reporter.sink({ timeMs: Date.now(), type: 'debug', text: exchangeText(exchange) }),
  };
  try {
    if (given.action === 'up') {
      const storageDirectory = chooseStorage(named, environment, process.cwd());
      const server = await start(given, { ...options, storageDirectory }, reporter.sink);
      answer(server.uri, { ...server, running: true });
      return 0;
    }
    // What only looks or ends makes no folder.
    const storageDirectory = locateStorage(named, environment, process.cwd());
    if (given.action === 'down') {
      const stopped = await stopTrackingServer({ ...options, storageDirectory });
      const text = stopped ? 'The tracking server is stopped; its data stay.' : 'No tracking server was running.';
      answer(text, { running: false, stopped });
      return 0;
    }
    const server = await trackingServerStatus({ ...options, storageDirectory });
    if (server === null) {
      answer(`No tracking server runs for ${storageDirectory}.`, { running: false });
      return 1;
    }
    const look = openLook(given, environment);
    answer(`${look.address(server.uri)}  ${describe(server)}`, { ...server, running: true });
    return 0;
  } finally {
    reporter.close();
  }
}

function start(
  given: Readonly<Record<string, unknown>>,
  options: Omit<Parameters<typeof ensureTrackingServer>[0], 'prefer' | 'onProgress' | 'onNotice'>,
  sink: EventSink,
): ReturnType<typeof ensureTrackingServer> {
  return withStep(
    sink,
    'tracking server',
    ({ onProgress, onNotice }) =>
      ensureTrackingServer({
        ...options,
        prefer: given.engine === 'host' ? 'python' : given.engine === 'docker' ? 'docker' : 'auto',
        onProgress,
        onNotice,
      }),
    (server) => ({ title: `tracking server ${server.uri}`, reused: server.reused }),
  );
}

function describe({ mlflowVersion, kind, id }: TrackingServer): string {
  return kind === 'docker'
    ? `MLflow ${mlflowVersion}, container ${id.slice(0, 12)}`
    : `MLflow ${mlflowVersion}, process ${id}`;
}
