import { UnavailableError } from '../errors.ts';
import { checkTrackingServer, MlflowApiError, MlflowClient } from '../mlflow/index.ts';
import { trackingServerStatus } from '../tracking/index.ts';
import type { OnExchange } from '../util/http-exchange.ts';

export interface ServerOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The storage whose embedded server is meant where none is named. */
  readonly storageDirectory: string;
  readonly signal: AbortSignal;
  /** Hears of every request. */
  readonly onExchange?: OnExchange;
}

/** A person waits for each answer: few tries. */
const patience = { timeoutMs: 30_000, maximumRetries: 1 };

/** What each call is given; a person who presses Ctrl-C ends it. */
export function callOptions(signal: AbortSignal): { signal: AbortSignal; timeoutMs: number; maximumRetries: number } {
  return { signal, ...patience };
}

/**
 * A client of the server that runs are recorded on: the one MLFLOW_TRACKING_URI names, else the embedded one of the
 * storage. Throws UnavailableError where neither is there.
 */
export async function openServer(options: ServerOptions): Promise<MlflowClient> {
  const { environment, storageDirectory, onExchange } = options;
  if (environment.MLFLOW_TRACKING_URI) {
    return new MlflowClient({ trackingUri: environment.MLFLOW_TRACKING_URI, environment, onExchange });
  }
  const server = await trackingServerStatus(options);
  if (server !== null) return new MlflowClient({ trackingUri: server.uri, environment: {}, onExchange });
  throw new UnavailableError(
    `No tracking server is named, and the one that comes with Slipway does not run for ${storageDirectory}.`,
    { hint: 'Name one with MLFLOW_TRACKING_URI, or start that one: `slipway tracking up`' },
  );
}

/**
 * Asks something of the server. Where it cannot be asked at all, the error says what is wrong with the server rather than
 * with the call.
 */
export async function ask<Answer>(
  client: MlflowClient,
  signal: AbortSignal,
  question: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await question();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof MlflowApiError && error.errorCode !== null && error.status !== 401 && error.status !== 403) {
      throw error;
    }
    await checkTrackingServer(client, { signal });
    throw error;
  }
}
