import { UsageError } from '../errors.ts';

/** The parts of a tracking server's address. */
export interface TrackingUri {
  /** Without user info, query and trailing slash; with the path prefix. */
  readonly uri: string;
  /** From its user info; null where it has none. */
  readonly username: string | null;
  /** From its user info; null where it has none. */
  readonly password: string | null;
}

const startServer =
  'Start a server over it (mlflow server --backend-store-uri …) and name its http:// address, or leave the tracking URI out: a server is then started for you.';

const encodeLogin =
  'In a login that stands in the address, every character but letters and digits must be percent-encoded (/ is %2F, # is %23, @ is %40); or set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.';

/** Reads the address of a tracking server; anything this client cannot speak to is a UsageError that says what to do. */
export function parseTrackingUri(text: string): TrackingUri {
  const trimmed = text.trim();
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(trimmed)?.[1]?.toLowerCase();
  if (scheme !== 'http' && scheme !== 'https') throw unsupported(trimmed, scheme);
  const url = URL.canParse(trimmed) ? new URL(trimmed) : null;
  if (url === null) {
    throw new UsageError(`The tracking URI "${withoutUserInfo(trimmed)}" is not a valid address.`, {
      hint: trimmed.includes('@') ? encodeLogin : 'Is MLFLOW_TRACKING_URI written as http://host:port?',
    });
  }
  // A login that is cut off at its "#" or "?": nothing of it may be shown.
  if (`${url.search}${url.hash}`.includes('@')) {
    throw new UsageError(`The tracking URI "${withoutUserInfo(trimmed)}" has a login that cannot be read.`, {
      hint: encodeLogin,
    });
  }
  if (url.search !== '' || url.hash !== '') {
    const base = `${url.origin}${url.pathname}`;
    throw new UsageError(`The tracking URI "${withoutUserInfo(trimmed)}" is the address of a page, not of a server.`, {
      hint: `Leave out what follows the server's address: ${base}`,
    });
  }
  return {
    uri: `${url.origin}${url.pathname.replace(/\/+$/, '')}`,
    username: url.username === '' ? null : decodeURIComponent(url.username),
    password: url.username === '' ? null : decodeURIComponent(url.password),
  };
}

function unsupported(text: string, scheme: string | undefined): UsageError {
  if (text === '')
    return new UsageError('The tracking URI is empty.', { hint: 'Give an http:// or https:// address.' });
  const shown = withoutUserInfo(text);
  if (hostWithoutScheme.test(text)) {
    return new UsageError(`The tracking URI "${shown}" lacks its scheme.`, { hint: `Write http://${shown}` });
  }
  if (scheme === 'file' || scheme === undefined) {
    return new UsageError(`The tracking URI "${shown}" is a folder; runs are recorded on a server only.`, {
      hint: startServer,
    });
  }
  if (/^(sqlite|postgresql|mysql|mssql)/.test(scheme)) {
    return new UsageError(`The tracking URI "${shown}" is a database; runs are recorded on a server only.`, {
      hint: startServer,
    });
  }
  return new UsageError(`The tracking URI "${shown}" has the scheme "${scheme}", which is not supported.`, {
    hint: 'Give the http:// or https:// address of an MLflow server.',
  });
}

/** `host:5000`, `host:5000/mlflow`, `name:password@host`: an address in all but its beginning. */
const hostWithoutScheme = /^(?![./])(?!.*:\/\/)([^/@]*:[^@]*@.+|([^/]*@)?[^/:@]+:\d+(\/.*)?)$/is;

/** What may stand before an `@` is a login, wherever a `/`, `#` or `?` in it makes the address end for a parser. */
function withoutUserInfo(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1***@');
}
