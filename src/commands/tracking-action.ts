import { chooseStorage } from '../launch/storage.ts';
import { ensureTrackingServer, stopTrackingServer, trackingServerStatus } from '../tracking/index.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Carries out `slipway tracking up|down|status`. Resolves with the exit code; `status` gives 1 where none runs. */
export async function trackingAction(
  given: Readonly<Record<string, unknown>>,
  environment: Environment,
  signal: AbortSignal,
): Promise<number> {
  const storageDirectory = chooseStorage(
    given.storage === undefined ? null : String(given.storage),
    environment,
    process.cwd(),
  );
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  if (given.action === 'up') {
    const server = await ensureTrackingServer({
      storageDirectory,
      prefer: given.engine === 'host' ? 'python' : given.engine === 'docker' ? 'docker' : 'auto',
      environment,
      onProgress: say,
      onNotice: say,
      signal,
    });
    process.stdout.write(`${server.uri}\n`);
    return 0;
  }
  if (given.action === 'down') {
    const stopped = await stopTrackingServer({ storageDirectory, environment, signal });
    say(stopped ? 'The tracking server is stopped; its data stay.' : 'No tracking server was running.');
    return 0;
  }
  const server = await trackingServerStatus({ storageDirectory, environment, signal });
  if (server === null) {
    say(`No tracking server runs for ${storageDirectory}.`);
    return 1;
  }
  process.stdout.write(`${server.uri} (MLflow ${server.mlflowVersion}, ${server.kind} ${server.id})\n`);
  return 0;
}
