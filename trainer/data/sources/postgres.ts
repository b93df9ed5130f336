import type { ClientConfig, FieldDef, QueryResult } from 'pg';
import type Cursor from 'pg-cursor';
import { errorMessage, UnavailableError, UsageError } from '../../../src/errors.ts';
import type { SourceContext } from './source.ts';

/** Object ids of types in Postgres (`pg_type.dat`). */
const types = { boolean: 16, bytes: 17 } as const;
/** Rows fetched at a time. */
const fetched = 256;
const connectTimeoutMs = 15_000;

/** A value as Postgres writes it; `bytea` as bytes. */
export type SqlValue = string | Buffer;

/** Where the server is, as people may say it in a configuration: all but the password. */
export interface PostgresTarget {
  readonly config: ClientConfig;
  /** For messages: `database cells of Postgres at db:5432`. */
  readonly name: string;
}

/**
 * Reads `postgresql://user@host:port/database`; what it does not say, and the password always, comes from the variables
 * PGHOST, PGPORT, PGDATABASE, PGUSER and PGPASSWORD. Throws UsageError for a password in the address.
 */
export function postgresTarget(address: string, environment: SourceContext['environment']): PostgresTarget {
  const url = address === '' ? null : parseAddress(address);
  const host = url?.searchParams.get('host') || url?.hostname || environment.PGHOST || 'localhost';
  const port = Number(url?.port || environment.PGPORT || 5432);
  const user = decodeURIComponent(url?.username ?? '') || environment.PGUSER;
  const database = decodeURIComponent(url?.pathname.slice(1) ?? '') || environment.PGDATABASE || user;
  return {
    config: { host, port, user, database, password: environment.PGPASSWORD },
    name: `database ${database === undefined ? '' : `${database} `}of Postgres at ${host}:${port}`,
  };
}

/** No message repeats the address: whatever is wrong with it, it may hold a password. */
function parseAddress(address: string): URL {
  const expected = 'expected postgresql://user@host:port/database';
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw new UsageError(`Setting data_loader.address is no address; ${expected}.`);
  }
  if (url.protocol !== 'postgresql:' && url.protocol !== 'postgres:') {
    throw new UsageError(`Setting data_loader.address is not of Postgres; ${expected}.`);
  }
  if (url.password !== '' || url.searchParams.has('password')) {
    throw new UsageError('Setting data_loader.address holds a password, which would be recorded with the run.', {
      hint: 'Leave it out, and hand it over in the variable PGPASSWORD (slipway run --env PGPASSWORD).',
    });
  }
  const other = [...url.searchParams.keys()].find((key) => key !== 'host');
  if (other !== undefined) {
    throw new UsageError(`Setting data_loader.address has the parameter ${other}; only host is known.`, {
      hint: 'The variables of Postgres, as PGSSLMODE, hold for the rest.',
    });
  }
  return url;
}

/**
 * Calls `row` for each row of a query, which `header` gets the columns of first; memory holds some rows at a time.
 * The query may change nothing. Throws UnavailableError where the server cannot be reached, UsageError where the query
 * fails.
 */
export async function readRows(
  { config, name }: PostgresTarget,
  query: string,
  { signal }: SourceContext,
  header: (columns: readonly string[]) => void,
  row: (values: readonly SqlValue[], place: number) => Promise<void>,
): Promise<number> {
  signal?.throwIfAborted();
  // Loaded where it is needed: every start of the trainer would wait for it.
  const { Client } = await import('pg');
  const { default: CursorClass } = await import('pg-cursor');
  const client = new Client({ ...config, connectionTimeoutMillis: connectTimeoutMs, application_name: 'slipway' });
  // A connection that is lost while nothing is asked is an event; what is asked next fails then.
  client.on('error', () => {});
  const end = () => client.end().catch(() => {});
  try {
    await client.connect();
  } catch (error) {
    await end();
    throw new UnavailableError(`The ${name} cannot be used: ${reasonOf(error)}.`, { cause: error });
  }
  // Ends a query that runs, too.
  const stop = () => void end();
  signal?.addEventListener('abort', stop, { once: true });
  let place = 0;
  try {
    await ask(() => client.query('BEGIN READ ONLY'));
    const cursor = client.query(new CursorClass<SqlValue[]>(query, [], { rowMode: 'array', types: { getTypeParser } }));
    let count = 0;
    do {
      const { rows, fields } = await ask(() => next(cursor));
      count = rows.length;
      if (place === 0 && fields.length > 0) header(fields.map((field) => field.name));
      for (const values of rows) {
        await row(
          values.map((value) => value ?? ''),
          place,
        );
        place += 1;
      }
    } while (count > 0);
    return place;
  } finally {
    signal?.removeEventListener('abort', stop);
    await end();
  }

  async function ask<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      signal?.throwIfAborted();
      throw new UsageError(`The query of data_loader.query fails in the ${name}: ${reasonOf(error)}.`, {
        cause: error,
      });
    }
  }
}

function next(cursor: Cursor<SqlValue[]>): Promise<{ rows: SqlValue[][]; fields: readonly FieldDef[] }> {
  return new Promise((resolve, reject) => {
    cursor.read(fetched, (error: Error | undefined, rows: SqlValue[][], result: QueryResult) => {
      if (error) reject(error);
      // After the last row there is no result.
      else resolve({ rows, fields: result?.fields ?? [] });
    });
  });
}

/** Everything as Postgres writes it: no digit of a number is lost. */
function getTypeParser(type: number): (text: string) => SqlValue {
  if (type === types.bytes) return (text) => Buffer.from(text.slice(2), 'hex');
  if (type === types.boolean) return (text) => (text === 't' ? 'true' : 'false');
  return (text) => text;
}

/** Of several addresses that all refuse, Node.js gives an error without a text. */
function reasonOf(error: unknown): string {
  const text = error instanceof AggregateError ? error.errors.map(errorMessage).join('; ') : errorMessage(error);
  const position = (error as { position?: unknown }).position;
  return `${text.replace(/\.$/, '')}${typeof position === 'string' ? ` (at character ${position})` : ''}`;
}
