import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findPostgres } from './find-postgres.ts';
import { freePort } from './free-port.ts';
import { skip, skipWithout } from './skip.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const run = promisify(execFile);

/** A Postgres server of a test's own, with one user and the database of that name. */
export interface Postgres extends AsyncDisposable {
  /** The variables of Postgres that lead to it, password and all. */
  readonly environment: Readonly<Record<'PGHOST' | 'PGPORT' | 'PGUSER' | 'PGDATABASE' | 'PGPASSWORD', string>>;
  /** Runs statements, each with its values. */
  execute(...statements: readonly (readonly [text: string, values?: readonly unknown[]])[]): Promise<void>;
}

/** Starts Postgres in a temporary folder, as a user other than root. Skips the test where it is not installed. */
export async function startPostgres(): Promise<Postgres> {
  const programs = skipWithout(await findPostgres(), 'Postgres is not installed (Debian: apt-get install postgresql)');
  const folder = await temporaryDirectory();
  const data = folder.join('data');
  // Postgres refuses to be run by root.
  const owner = process.getuid?.() === 0 ? await otherUser() : null;
  if (owner !== null) await chown(folder.path, owner.uid, owner.gid);
  const environment = {
    PGHOST: '127.0.0.1',
    PGPORT: String(await freePort()),
    PGUSER: 'reader',
    PGDATABASE: 'postgres',
    PGPASSWORD: 'a secret of the test',
  };
  const passwordFile = folder.join('password');
  await writeFile(passwordFile, environment.PGPASSWORD, { mode: 0o644 });
  const words = ['-D', data, '-U', environment.PGUSER, '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C'];
  await run(join(programs, 'initdb'), [...words, `--pwfile=${passwordFile}`, '--no-sync'], {
    ...owner,
    cwd: folder.path,
  });
  const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${data}`, '-c', 'fsync=off'];
  const server = spawn(join(programs, 'postgres'), ['-D', data, '-p', environment.PGPORT, ...settings], {
    ...owner,
    cwd: folder.path,
    stdio: 'ignore',
  });
  const stop = async () => {
    if (server.exitCode === null) {
      const ended = once(server, 'exit');
      // Ends connections that are left, too.
      server.kill('SIGINT');
      await ended;
    }
    await folder.remove();
  };
  try {
    await untilReady(programs, environment, server);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    environment,
    execute: async (...statements) => {
      const { Client } = await import('pg');
      const client = new Client({
        host: environment.PGHOST,
        port: Number(environment.PGPORT),
        user: environment.PGUSER,
        database: environment.PGDATABASE,
        password: environment.PGPASSWORD,
      });
      await client.connect();
      try {
        for (const [text, values = []] of statements) await client.query(text, [...values]);
      } finally {
        await client.end();
      }
    },
    [Symbol.asyncDispose]: stop,
  };
}

/** The folder of the server's programs, which Debian does not put into the path. */
/** `postgres`, or `nobody`. */
async function otherUser(): Promise<{ readonly uid: number; readonly gid: number }> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const found = lines.find(([name]) => name === 'postgres') ?? lines.find(([name]) => name === 'nobody');
  if (found === undefined) skip('there is no user but root to run Postgres');
  return { uid: Number(found[2]), gid: Number(found[3]) };
}

async function untilReady(programs: string, environment: Postgres['environment'], server: ChildProcess): Promise<void> {
  for (;;) {
    if (server.exitCode !== null) throw new Error(`Postgres ended with ${server.exitCode} before it was ready.`);
    const ready = await run(join(programs, 'pg_isready'), ['-h', environment.PGHOST, '-p', environment.PGPORT]).then(
      () => true,
      () => false,
    );
    if (ready) return;
    await delay(50);
  }
}
