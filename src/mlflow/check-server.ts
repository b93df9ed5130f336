import { type SlipwayError, UnavailableError } from '../errors.ts';
import { ConnectionError } from '../http/index.ts';
import type { MlflowClient } from './client.ts';
import { MlflowApiError } from './errors.ts';
import type { CallOptions } from './types.ts';

/** How long a first answer may take. */
const patienceMs = 15_000;

/**
 * Asks a server who it is and whether we may use it. Throws one clear sentence where it does not answer, refuses us,
 * or is not MLflow.
 */
export async function checkTrackingServer(
  client: MlflowClient,
  options: CallOptions = {},
): Promise<{ readonly version: string }> {
  const patient = { timeoutMs: patienceMs, maximumRetries: 1, ...options };
  try {
    const version = await client.serverVersion(patient);
    if (!/^\d+\.\d+/.test(version)) throw notMlflow(client.trackingUri);
    // The version is open to everyone; a search tells whether we may use the API.
    await client.searchExperiments({ maxResults: 1 }, patient);
    return { version };
  } catch (error) {
    throw explain(error, client.trackingUri);
  }
}

function explain(error: unknown, uri: string): unknown {
  if (error instanceof ConnectionError) return unreachable(error, uri);
  if (!(error instanceof MlflowApiError)) return error;
  if (error.status === 401) {
    return new UnavailableError(`The tracking server ${uri} wants a login, and did not accept ours (401).`, {
      hint: 'Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN.',
      cause: error,
    });
  }
  if (error.status === 403) return forbidden(error, uri);
  if (error.status === 404 || error.status === 405 || error.status === 200) return notMlflow(uri, error);
  if (error.status !== null && error.status >= 300 && error.status < 400) {
    return new UnavailableError(`The tracking server ${uri} redirects to another address (${error.status}).`, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      cause: error,
    });
  }
  return new UnavailableError(`The tracking server ${uri} is out of order: ${error.message}`, {
    hint: 'Its log says more: ask its administrator, or try again later.',
    cause: error,
  });
}

/** True where the server refused the host name in its own address (MLflow 3.5 and later); it has no code for that. */
export function isHostRefusal(error: MlflowApiError): boolean {
  return error.status === 403 && /host header|dns rebinding|allowed.hosts/i.test(error.body);
}

function forbidden(error: MlflowApiError, uri: string): SlipwayError {
  if (isHostRefusal(error)) {
    const { host, hostname } = new URL(uri);
    return new UnavailableError(
      `The tracking server ${uri} does not accept requests to the host name "${hostname}" (403).`,
      {
        hint: `Start it with --allowed-hosts "${host}" (or MLFLOW_SERVER_ALLOWED_HOSTS), or use its IP address.`,
        cause: error,
      },
    );
  }
  return new UnavailableError(`The tracking server ${uri} knows us but does not let us in (403).`, {
    hint: 'Ask its administrator for permission to read and create experiments.',
    cause: error,
  });
}

const hints: Readonly<Record<ConnectionError['failure'], string>> = {
  refused: 'Is the server started, and is the port right?',
  'unknown-host': 'Is the host name spelled right, and does this machine reach its name server?',
  unreachable: 'Is this machine on the network (VPN) that the server is on?',
  timeout: 'Is the server overloaded, or does a firewall swallow the connection?',
  tls: 'Name the authority that signed its certificate in MLFLOW_TRACKING_SERVER_CERT_PATH; is it https at all?',
  broken: 'Is it an https server spoken to over http, or is the server restarting?',
  'not-http': 'Is another service listening on that port?',
};

/** OpenSSL's own reason, out of `<thread>:error:<code>:<library>:<function>:<reason>:<file>:<line>:`; else the text. */
function tlsReason(text: string): string {
  return /:error:[^:]*:[^:]*:[^:]*:([^:]+):/.exec(text)?.[1] ?? text;
}

function unreachable(error: ConnectionError, uri: string): SlipwayError {
  const reasons: Readonly<Record<ConnectionError['failure'], string>> = {
    refused: 'nothing accepts connections there',
    'unknown-host': `the host name "${new URL(uri).hostname}" cannot be resolved`,
    unreachable: 'there is no route to it',
    timeout: 'it was silent for too long',
    tls: `TLS failed (${tlsReason(errorText(error))})`,
    broken: 'it closed the connection without a reply',
    'not-http': 'what listens there does not speak HTTP',
  };
  return new UnavailableError(`The tracking server ${uri} does not answer: ${reasons[error.failure]}.`, {
    hint: hints[error.failure],
    cause: error,
  });
}

function errorText(error: ConnectionError): string {
  return error.cause instanceof Error ? error.cause.message.split('\n')[0]! : error.message;
}

function notMlflow(uri: string, cause?: unknown): SlipwayError {
  return new UnavailableError(`What answers at ${uri} is not an MLflow tracking server.`, {
    hint: 'Check host, port and path prefix; <address>/version must answer with a version number.',
    ...(cause === undefined ? {} : { cause }),
  });
}
