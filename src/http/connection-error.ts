import { errorCode, errorMessage } from '../errors.ts';
import { ConnectionError, type ConnectionFailure } from './errors.ts';

interface Explanation {
  readonly failure: ConnectionFailure;
  readonly text: string;
  readonly isRetryable: boolean;
  /** True where the failure comes before the request has left. */
  readonly isUnsent: boolean;
}

const refused: Explanation = { failure: 'refused', text: 'refused the connection', isRetryable: true, isUnsent: true };
const unknownHost: Explanation = {
  failure: 'unknown-host',
  text: 'has a host name that could not be resolved',
  isRetryable: true,
  isUnsent: true,
};
const unreachable: Explanation = {
  failure: 'unreachable',
  text: 'cannot be reached over the network',
  isRetryable: true,
  isUnsent: true,
};
const noReply: Explanation = { failure: 'timeout', text: 'did not answer in time', isRetryable: true, isUnsent: false };
const broken: Explanation = { failure: 'broken', text: 'closed the connection', isRetryable: true, isUnsent: false };

const explanations: Readonly<Record<string, Explanation>> = {
  ECONNREFUSED: refused,
  ENOTFOUND: unknownHost,
  EAI_AGAIN: unknownHost,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  EADDRNOTAVAIL: unreachable,
  UND_ERR_CONNECT_TIMEOUT: { ...noReply, text: 'did not accept a connection in time', isUnsent: true },
  ETIMEDOUT: noReply,
  UND_ERR_HEADERS_TIMEOUT: noReply,
  UND_ERR_BODY_TIMEOUT: { ...noReply, text: 'stopped sending its reply' },
  ECONNRESET: broken,
  EPIPE: broken,
  UND_ERR_SOCKET: broken,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: { ...broken, text: 'sent a reply that was cut off' },
};

/** True for an error of the file a body is read from, rather than of the connection. */
export function isFileError(error: unknown): boolean {
  const code = errorCode(error) ?? '';
  return explanations[code] === undefined && /^E[A-Z]+$/.test(code) && code !== 'EPROTO';
}

/** Turns what the transport throws into an error that says what happened; anything unknown is a broken connection. */
export function connectionError(error: unknown, method: string, url: string): ConnectionError {
  const code = errorCode(error) ?? errorCode((error as { cause?: unknown } | null)?.cause) ?? '';
  const { failure, text, isRetryable, isUnsent } = explain(code, error);
  const detail =
    failure === 'tls' || failure === 'not-http' || explanations[code] === undefined ? errorMessage(error) : code;
  return new ConnectionError(`${new URL(url).origin} ${text} (${method} ${url}: ${detail}).`, failure, {
    method,
    url,
    status: null,
    isRetryable,
    isUnsent,
    cause: error,
  });
}

function explain(code: string, error: unknown): Explanation {
  const known = explanations[code];
  if (known !== undefined) return known;
  // The parser of undici sets a code for some of its errors only.
  if (code.startsWith('HPE_') || (error instanceof Error && error.name === 'HTTPParserError')) {
    return { failure: 'not-http', text: 'does not speak HTTP', isRetryable: false, isUnsent: false };
  }
  if (/CERT|SSL|TLS|EPROTO|UNABLE_TO_/.test(code)) {
    return { failure: 'tls', text: 'could not be trusted or spoken to over TLS', isRetryable: false, isUnsent: true };
  }
  return broken;
}
