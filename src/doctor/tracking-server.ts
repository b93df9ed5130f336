import { z } from 'zod';
import { UnavailableError } from '../errors.ts';
import {
  ConnectionError,
  checkTrackingServer,
  isHostRefusal,
  isMissingEndpoint,
  MlflowApiError,
  MlflowClient,
} from '../mlflow/index.ts';
import { trackingServerStatus } from '../tracking/index.ts';
import { type DoctorContext, shared } from './context.ts';

/** The server that a run would report to. */
export interface ServerAtHand {
  readonly uri: string;
  readonly client: MlflowClient;
  /** True for the one that comes with Slipway. */
  readonly isEmbedded: boolean;
  /** How the one that comes with Slipway runs; null for another. */
  readonly kind: 'docker' | 'python' | null;
}

/**
 * The named server (MLFLOW_TRACKING_URI), with the login a run would use, else the one that comes with Slipway, where
 * it runs; null where none does. Rejects with a UsageError where the variables cannot be used.
 */
export const serverAtHand = shared(async (context: DoctorContext): Promise<ServerAtHand | null> => {
  const { environment, storageDirectory, signal, onExchange } = context;
  const told = onExchange === undefined ? {} : { onExchange };
  // Retries belong to a run that must go on: here a second try tells enough.
  const retry = { maximumRetries: 1 };
  const named = environment.MLFLOW_TRACKING_URI;
  let server: ServerAtHand;
  if (named) {
    const client = new MlflowClient({ trackingUri: named, environment, retry, ...told });
    server = { uri: client.trackingUri, client, isEmbedded: false, kind: null };
  } else {
    const found = await trackingServerStatus({ storageDirectory, environment, signal, ...told });
    if (found === null) return null;
    const client = new MlflowClient({ trackingUri: found.uri, environment: {}, retry, ...told });
    server = { uri: found.uri, client, isEmbedded: true, kind: found.kind };
  }
  context.atEnd(() => server.client.close());
  return server;
});

/** What a first question to a server gave. */
export interface Greeting {
  /** Null where it did not tell. */
  readonly version: string | null;
  /** Why `slipway run` would give it up; null where it would not. */
  readonly error: Error | null;
  /** What the server itself said, where it said anything: 401, 403, … */
  readonly status: number | null;
  /** True where the refusal is about the name by which it was called. */
  readonly isHostRefused: boolean;
  readonly failure: ConnectionError['failure'] | null;
}

/** Asks the server as `slipway run` does before it starts. */
export const greeting = shared(async (context: DoctorContext): Promise<Greeting> => {
  const server = await serverAtHand(context);
  if (server === null) throw new TypeError('There is no server to greet.');
  try {
    const { version } = await checkTrackingServer(server.client, { signal: context.signal });
    return { version, error: null, status: 200, isHostRefused: false, failure: null };
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof UnavailableError)) throw error;
    const { cause } = error;
    return {
      version: null,
      error,
      status: cause instanceof MlflowApiError ? cause.status : null,
      isHostRefused: cause instanceof MlflowApiError && isHostRefusal(cause),
      failure: cause instanceof ConnectionError ? cause.failure : null,
    };
  }
});

/** Who one is for the server; null for a server that asks for no login. */
export async function currentUser(
  client: MlflowClient,
  signal: AbortSignal,
): Promise<{ readonly name: string; readonly isAdmin: boolean } | null> {
  const reply = z.object({ user: z.object({ username: z.string(), is_admin: z.boolean().nullish() }).nullish() });
  try {
    const path = '/api/2.0/mlflow/users/current';
    const { user } = await client.transport.call({ method: 'GET', path, retry: 'safe', reply }, { signal });
    return user == null ? null : { name: user.username, isAdmin: user.is_admin ?? false };
  } catch (error) {
    // Only servers with accounts have such a question; some answer every unknown path with their page.
    if (isMissingEndpoint(error) || (error instanceof MlflowApiError && error.status === 200)) return null;
    throw error;
  }
}

/**
 * Another address at which the server answers, where the named one has a path too many or too few (`--static-prefix`);
 * null where none is found.
 */
export async function findPrefix(uri: string, signal: AbortSignal): Promise<string | null> {
  const { origin, pathname } = new URL(uri);
  const candidates = pathname === '/' ? [`${origin}/mlflow`] : [origin];
  for (const candidate of candidates) {
    const client = new MlflowClient({ trackingUri: candidate, retry: { maximumRetries: 0 }, timeoutMs: 5000 });
    try {
      if (/^\d+\.\d+/.test(await client.serverVersion({ signal }))) return candidate;
    } catch (error) {
      signal.throwIfAborted();
      // A server with accounts tells its version to those it knows alone: it is one nevertheless.
      if (error instanceof MlflowApiError && error.status === 401) return candidate;
    } finally {
      await client.close();
    }
  }
  return null;
}
