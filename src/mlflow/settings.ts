import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { errorCode, errorMessage, UsageError } from '../errors.ts';
import type { ProxyOptions, RetryRules, TlsOptions } from '../http/index.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What MLflow's own environment variables say about speaking to a server. */
export interface ConnectionSettings {
  /** The value of the Authorization header, or null. */
  readonly authorization: string | null;
  /** Texts that must never be shown. */
  readonly secrets: readonly string[];
  readonly tls: TlsOptions | undefined;
  readonly proxy: ProxyOptions | undefined;
  readonly timeoutMs: number | undefined;
  readonly retry: Partial<RetryRules>;
  readonly workspace: string | null;
}

/** Reads MLflow's variables; a malformed one is a UsageError that names it. */
export function connectionSettings(
  environment: Environment,
  userInfo: { readonly username: string | null; readonly password: string | null },
): ConnectionSettings {
  for (const name of ['MLFLOW_TRACKING_AUTH', 'MLFLOW_TRACKING_AWS_SIGV4']) {
    const value = environment[name];
    if (value && !/^(false|0)$/i.test(value)) {
      throw new UsageError(`${name} is set, but that way of signing in is not supported.`, {
        hint: 'Use MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN.',
      });
    }
  }
  const timeoutS = readNumber(environment, 'MLFLOW_HTTP_REQUEST_TIMEOUT', { above: 0 });
  const maximumRetries = readNumber(environment, 'MLFLOW_HTTP_REQUEST_MAX_RETRIES', { integer: true });
  const backoffS = readNumber(environment, 'MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR');
  return {
    ...authorization(environment, userInfo),
    tls: tlsOptions(environment),
    proxy: proxyOptions(environment),
    timeoutMs: timeoutS === undefined ? undefined : Math.round(timeoutS * 1000),
    retry: {
      ...(maximumRetries === undefined ? {} : { maximumRetries }),
      ...(backoffS === undefined ? {} : { baseDelayMs: backoffS * 1000, maximumDelayMs: 120_000 }),
    },
    workspace: environment.MLFLOW_WORKSPACE || null,
  };
}

const bothNames = 'Set both of them, or MLFLOW_TRACKING_TOKEN alone.';
const pemFile = 'Name a file that this user can read and that begins with -----BEGIN CERTIFICATE-----.';

/** The URI's user info wins, then user name and password (variables, then `~/.mlflow/credentials`), then the token. */
function authorization(
  environment: Environment,
  userInfo: { readonly username: string | null; readonly password: string | null },
): { authorization: string | null; secrets: readonly string[] } {
  const file = userInfo.username === null ? readCredentialsFile(environment) : {};
  const username = userInfo.username ?? (environment.MLFLOW_TRACKING_USERNAME || file.username);
  const password = userInfo.password ?? (environment.MLFLOW_TRACKING_PASSWORD || file.password);
  if (username && !password && userInfo.username === null) {
    throw new UsageError('MLFLOW_TRACKING_USERNAME is set, but MLFLOW_TRACKING_PASSWORD is not.', { hint: bothNames });
  }
  if (username) {
    const encoded = Buffer.from(`${username}:${password ?? ''}`, 'utf8').toString('base64');
    return { authorization: `Basic ${encoded}`, secrets: [encoded, password ?? ''] };
  }
  if (password) {
    throw new UsageError('MLFLOW_TRACKING_PASSWORD is set, but MLFLOW_TRACKING_USERNAME is not.', { hint: bothNames });
  }
  const token = environment.MLFLOW_TRACKING_TOKEN;
  if (!token) return { authorization: null, secrets: [] };
  if (/[^\x21-\x7e]/.test(token)) {
    throw new UsageError('MLFLOW_TRACKING_TOKEN contains a space, a line end or another character no token has.', {
      hint: 'Copy the token alone, without what stands before and after it.',
    });
  }
  return { authorization: `Bearer ${token}`, secrets: [token] };
}

/** The `[mlflow]` section of `~/.mlflow/credentials`, as MLflow's own client reads it. */
function readCredentialsFile(environment: Environment): { username?: string; password?: string } {
  const path = join(environment.HOME ?? homedir(), '.mlflow', 'credentials');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return {};
    throw new UsageError(`The credentials file ${path} cannot be read: ${errorMessage(error)}.`, {
      hint: 'Make it readable for yourself, or remove it.',
      cause: error,
    });
  }
  const values = new Map<string, string>();
  let section = '';
  for (const line of text.split(/\r?\n/)) {
    section = /^\s*\[(.*)\]\s*$/.exec(line)?.[1] ?? section;
    const [, key, value] = /^\s*([A-Za-z_]+)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    if (section === 'mlflow' && key !== undefined && value !== undefined) values.set(key.toLowerCase(), value);
  }
  const username = values.get('mlflow_tracking_username');
  const password = values.get('mlflow_tracking_password');
  return { ...(username ? { username } : {}), ...(password ? { password } : {}) };
}

function tlsOptions(environment: Environment): TlsOptions | undefined {
  const isInsecure = readFlag(environment, 'MLFLOW_TRACKING_INSECURE_TLS');
  const caPath = environment.MLFLOW_TRACKING_SERVER_CERT_PATH || null;
  const clientCertificatePath = environment.MLFLOW_TRACKING_CLIENT_CERT_PATH || null;
  if (isInsecure && caPath !== null) {
    throw new UsageError('MLFLOW_TRACKING_INSECURE_TLS and MLFLOW_TRACKING_SERVER_CERT_PATH exclude each other.', {
      hint: 'Unset the first: the certificate makes the connection a secure one.',
    });
  }
  if (!isInsecure && caPath === null && clientCertificatePath === null) return undefined;
  const pair =
    clientCertificatePath === null ? null : readPem(clientCertificatePath, 'MLFLOW_TRACKING_CLIENT_CERT_PATH');
  return {
    ...(isInsecure ? { rejectUnauthorized: false } : {}),
    ...(caPath === null ? {} : { ca: readPem(caPath, 'MLFLOW_TRACKING_SERVER_CERT_PATH') }),
    ...(pair === null ? {} : { cert: pair, key: pair }),
  };
}

function readPem(path: string, variable: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${variable} names ${path}, which cannot be read: ${errorMessage(error)}.`, {
      hint: pemFile,
      cause: error,
    });
  }
  if (!text.includes('-----BEGIN ')) {
    throw new UsageError(`${variable} names ${path}, which holds no PEM certificate.`, { hint: pemFile });
  }
  return text;
}

function proxyOptions(environment: Environment): ProxyOptions | undefined {
  const httpProxy = environment.http_proxy || environment.HTTP_PROXY;
  const httpsProxy = environment.https_proxy || environment.HTTPS_PROXY;
  if (!httpProxy && !httpsProxy) return undefined;
  for (const proxy of [httpProxy, httpsProxy]) {
    if (proxy && !URL.canParse(proxy)) {
      throw new UsageError('HTTP_PROXY or HTTPS_PROXY is not the address of a proxy.', {
        hint: 'Write it as http://host:port, or unset it.',
      });
    }
  }
  const noProxy = environment.no_proxy || environment.NO_PROXY;
  return {
    ...(httpProxy ? { httpProxy } : {}),
    ...(httpsProxy ? { httpsProxy } : {}),
    ...(noProxy ? { noProxy } : {}),
  };
}

function readNumber(
  environment: Environment,
  name: string,
  bounds: { readonly above?: number; readonly integer?: boolean } = {},
): number | undefined {
  const text = environment[name]?.trim();
  if (!text) return undefined;
  const value = Number(text);
  const isGood =
    Number.isFinite(value) &&
    (bounds.above === undefined ? value >= 0 : value > bounds.above) &&
    (bounds.integer !== true || Number.isInteger(value));
  if (isGood) return value;
  const kind =
    bounds.integer === true
      ? 'a whole number of at least 0'
      : `a number ${bounds.above === 0 ? 'above' : 'of at least'} 0`;
  throw new UsageError(`${name} is "${text}", but must be ${kind}.`);
}

function readFlag(environment: Environment, name: string): boolean {
  const text = environment[name]?.trim().toLowerCase();
  if (!text || text === 'false' || text === '0') return false;
  if (text === 'true' || text === '1') return true;
  throw new UsageError(`${name} is "${text}", but must be true or false.`);
}
